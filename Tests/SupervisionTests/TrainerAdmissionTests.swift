import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Supervision

@Suite(.enabled(if: Account.canSwitch, "only root runs trainers as somebody else"), .serialized)
struct TrainerAdmissionTests {
    private static let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    /// A user of its own for each test; removed with its rules at the end.
    private final class Guest: Sendable {
        let name = "hf\(FileSystem.randomName().prefix(8))"
        let server: ScriptServer

        init() throws {
            let folder = try TemporaryDirectory()
            folder.write("agent", "x")
            server = try ScriptServer("boot_server.py", ["b", "k", folder("agent"), "us-east-1"])
        }

        var endpoint: String { "http://127.0.0.1:\(server.port)" }

        func reaches() async throws -> Bool {
            let account = try #require(Account(named: name))
            var command = Command(
                ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(server.port)"], environment: path,
                directory: "/")
            command.account = account
            let child = try await ChildProcess.spawn(command)
            return await child.wait(within: .seconds(10))?.isSuccess == true
        }

        deinit {
            let words = [
                "-D", "OUTPUT", "-p", "tcp", "-d", "127.0.0.1", "--dport", "\(server.port)", "-m",
                "owner", "!", "--uid-owner", "0", "-j", "REJECT",
            ]
            _ = try? ToolProcess.run(["iptables"] + words, environment: path)
            _ = try? ToolProcess.run(["userdel", "-r", name], environment: path)
        }
    }

    private func admit(
        _ guest: Guest, readsMetadata: Bool = false
    ) async throws -> Account? {
        let trainer = TrainerAccount(user: guest.name, readsMetadata: readsMetadata)
        return try await TrainerAdmission(trainer: trainer, endpoint: guest.endpoint).admit()
    }

    @Test("an account that is not there → made, and cut off from metadata; again → the same")
    func cutOff() async throws {
        let guest = try Guest()
        let account = try #require(try await admit(guest))
        #expect(account.name == guest.name)
        #expect(account.home == "/home/\(guest.name)")
        #expect(try await !guest.reaches())
        #expect(try await admit(guest) == account)
        let rules = try ToolProcess.run(
            ["iptables", "-S", "OUTPUT"], environment: TrainerAdmissionTests.path)
        let mine = rules.output.split(separator: "\n").filter {
            $0.contains("--dport \(guest.server.port) ")
        }
        #expect(mine.count == 1, "\(rules.output)")
    }

    @Test("an account that may read metadata → it does")
    func granted() async throws {
        let guest = try Guest()
        _ = try await admit(guest, readsMetadata: true)
        #expect(try await guest.reaches())
    }

    @Test("useradd finds its files locked at first → tried again; never → refused with its words")
    func locked() async throws {
        let guest = try Guest()
        let folder = try TemporaryDirectory()
        folder.write(
            "useradd",
            """
            #!/bin/sh
            [ -e \(folder("turn")) ] && exec /usr/sbin/useradd "$@"
            touch \(folder("turn"))
            exit 1
            """)
        chmod(folder("useradd"), 0o755)
        let trainer = TrainerAccount(user: guest.name, readsMetadata: true)
        let patient = TrainerAdmission(
            trainer: trainer, endpoint: guest.endpoint, useradd: folder("useradd"))
        #expect(try await patient.admit()?.name == guest.name)

        let never = TrainerAdmission(
            trainer: TrainerAccount(user: "hf-nobody"), endpoint: nil, useradd: "/bin/false")
        await #expect(throws: TrainerAdmission.Refusal.self) { try await never.admit() }
    }

    @Test("the agent's own user → refused, unless it may read metadata")
    func own() async throws {
        let mine = TrainerAccount(user: "root", readsMetadata: false)
        await #expect(throws: TrainerAdmission.Refusal.self) {
            try await TrainerAdmission(trainer: mine, endpoint: nil).admit()
        }
        let granted = TrainerAccount(user: "root", readsMetadata: true)
        #expect(try await TrainerAdmission(trainer: granted, endpoint: nil).admit() == nil)
    }

    @Test(
        "metadata at no address → refused rather than open",
        arguments: ["http://metadata.internal", "169.254.169.254", "http://[fd00:ec2::254]"])
    func noAddress(endpoint: String) async throws {
        let trainer = TrainerAccount(user: "nobody")
        await #expect(throws: TrainerAdmission.Refusal.self) {
            try await TrainerAdmission(trainer: trainer, endpoint: endpoint).admit()
        }
    }
}
