import Glibc
import Processes
import TestSupport
import Testing

@Suite(.enabled(if: Account.canSwitch, "only root becomes somebody else"))
struct AccountTests {
    @Test("a command with an account → its user, its groups, and no way back")
    func switches() async throws {
        let nobody = try #require(Account(named: "nobody"))
        var command = Command(
            [
                "bash", "-c",
                "id -u; id -G; cat /etc/shadow || echo denied; setpriv --reuid 0 id -u",
            ],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], directory: "/")
        command.account = nobody
        let folder = try TemporaryDirectory()
        command.output = .append(path: folder("out"))
        let child = try await ChildProcess.spawn(command)
        #expect(await child.wait(within: .seconds(10))?.isSuccess == false)
        #expect(folder.text("out") == "\(nobody.user)\n\(nobody.group)\ndenied\n")
    }

    @Test("a directory is given away → all of it but links, second names and foreign files")
    func given() throws {
        let nobody = try #require(Account(named: "nobody"))
        let folder = try TemporaryDirectory()
        folder.write("outside", "root's")
        folder.write("work/a/file", "x")
        folder.write("work/foreign", "x")
        chown(folder("work/foreign"), 1, 1)
        folder.link("work/a/link", to: folder("outside"))
        link(folder("outside"), folder("work/second"))
        try FileSystem.give(folder("work"), to: nobody)
        #expect(owner(folder("work")) == nobody.user)
        #expect(owner(folder("work/a")) == nobody.user)
        #expect(owner(folder("work/a/file")) == nobody.user)
        #expect(owner(folder("work/a/link")) == nobody.user)
        #expect(owner(folder("work/foreign")) == 1)
        #expect(owner(folder("outside")) == 0)
    }

    @Test("the directory itself is a link → refused")
    func throughALink() throws {
        let nobody = try #require(Account(named: "nobody"))
        let folder = try TemporaryDirectory()
        folder.write("outside/file", "x")
        folder.link("work", to: folder("outside"))
        #expect(throws: FileFailure.self) { try FileSystem.give(folder("work"), to: nobody) }
        #expect(owner(folder("outside/file")) == 0)
    }

    @Test("a name that nobody has → no account")
    func unknown() {
        #expect(Account(named: "no-such-user-here") == nil)
    }

    private func owner(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_uid : nil
    }
}
