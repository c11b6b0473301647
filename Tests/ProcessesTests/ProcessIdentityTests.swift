import Glibc
import Testing

@testable import Processes

@Suite struct ProcessIdentityTests {
    @Test("a command with spaces and parentheses in its name → fields are still found")
    func hostileName() {
        let fields = (1...40).map { "\($0)" }.joined(separator: " ")
        let line = "77 (a) (b) c) S \(fields)"
        let entry = ProcessEntry(stat: Array(line.utf8), pid: 77)
        #expect(entry?.state == UInt8(ascii: "S"))
        #expect(entry?.parent == 1)
        #expect(entry?.threads == 17)
        #expect(entry?.identity.startTicks == 19)
    }

    @Test("a cut or empty stat → no entry")
    func cut() {
        #expect(ProcessEntry(stat: [], pid: 1) == nil)
        #expect(ProcessEntry(stat: Array("1 (x) S 1 2".utf8), pid: 1) == nil)
    }

    @Test("the same pid with another start or boot → another process, never signalled")
    func reuse() async throws {
        let child = try await ChildProcess.spawn(
            Command(["sleep", "60"], environment: ["PATH": "/usr/bin:/bin"]))
        var stranger = child.identity
        stranger.startTicks += 1
        #expect(!stranger.isAlive)
        #expect(!stranger.signal(SIGKILL))
        stranger = child.identity
        stranger.bootID = "another"
        #expect(!stranger.signal(SIGKILL))
        #expect(child.identity.isAlive)
        #expect(child.identity.signal(SIGKILL))
        #expect(await child.wait(within: .seconds(10)) == .signalled(SIGKILL))
        #expect(ProcessIdentity(of: child.pid) == nil)
    }
}
