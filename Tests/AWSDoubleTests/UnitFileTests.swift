import Testing

@testable import AWSDouble

struct UnitFileTests {
    @Test("the parts of a service that matter → read as systemd reads them")
    func service() throws {
        let unit = try UnitFile(
            """
            [Unit]
            Description=Training
            [Service]
            # why
            ExecStart=/opt/agent run --log "two words" \\
                --quiet
            Environment=A=1 "B=x y"
            Restart=on-failure
            RestartSec=500ms
            KillMode=mixed
            Nice=5
            [Install]
            WantedBy=multi-user.target
            """)
        #expect(unit.command == ["/opt/agent", "run", "--log", "two words", "--quiet"])
        #expect(unit.environment == ["A": "1", "B": "x y"])
        #expect(unit.restart == .onFailure)
        #expect(unit.restartDelay == .milliseconds(500))
        #expect(unit.stopsMainOnly)
        #expect(unit.wantedBy == ["multi-user.target"])
        #expect(unit.ignored == ["[Unit] Description", "[Service] Nice"])
    }

    @Test(
        "a unit that the double would run otherwise than systemd → refused",
        arguments: [
            "[Service]\nRestart=always", "[Service]\nExecStart=agent run",
            "[Service]\nExecStart=/a\nType=notify", "[Service]\nExecStart=/a\nKillMode=none",
            "[Service]\nExecStart=/a\nRestartSec=1h 2min", "[Service]\nExecStart",
        ])
    func refused(text: String) {
        #expect(throws: UnitFile.Malformed.self) { try UnitFile(text) }
    }
}
