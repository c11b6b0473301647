import TestSupport
import Testing
import Training

@testable import Planning

struct BootstrapTests {
    private static let agent = "#!/bin/sh\necho the agent\n"

    /// The script's machine: a directory for its files, with `systemctl` and `sleep` that only note
    /// what they were asked.
    private struct Machine {
        let directory: TemporaryDirectory
        let server: ScriptServer
        let script: String

        init(prefix: String = "lab/odd 'ü$(x)", _ faults: [String] = []) throws {
            directory = try TemporaryDirectory()
            directory.write("agent", BootstrapTests.agent)
            let digest = Digest(of: BootstrapTests.agent)
            let key = [prefix, StoreLayout.agent(digest)].filter { !$0.isEmpty }
            server = try ScriptServer(
                "boot_server.py",
                ["bucket", key.joined(separator: "/"), directory("agent"), "eu-west-1"] + faults)
            script = try BootstrapTests.script(prefix: prefix)
            directory.write("user-data", script)
            for name in ["systemctl", "sleep"] {
                directory.write(
                    "bin/\(name)", "#!/bin/sh\necho \(name) \"$@\" >>\(directory("asked"))\n")
            }
            _ = try ToolProcess.run(
                ["chmod", "755", directory("bin/systemctl"), directory("bin/sleep")],
                environment: ["PATH": "/usr/bin:/bin"])
        }

        func boot(_ environment: [String: String] = [:]) throws -> ToolProcess.Result {
            let standard = [
                "PATH": "\(directory("bin")):/usr/sbin:/usr/bin:/sbin:/bin",
                "HOLDFAST_ROOT": directory("root"),
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(server.port)/",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:\(server.port)",
            ]
            return try ToolProcess.run(
                ["bash", directory("user-data")],
                environment: standard.merging(environment) { $1 })
        }

        var installed: String? { directory.text("root/usr/local/bin/reconcile-agent") }
        var unit: String? { directory.text("root/etc/systemd/system/holdfast-agent.service") }
        var asked: [Substring] { (directory.text("asked") ?? "").split(separator: "\n") }
    }

    private static func script(prefix: String = "lab") throws -> String {
        Bootstrap.script(
            agent: Digest(of: agent),
            in: try #require(S3Location(prefix.isEmpty ? "s3://bucket" : "s3://bucket/\(prefix)")),
            region: "eu-west-1", configuration: try configuration())
    }

    private static func configuration() throws -> AgentConfiguration {
        AgentConfiguration(
            scope: "lab", store: StoreIdentity(of: "s3://bucket/lab"), storeURL: "s3://bucket/lab",
            storeRegion: "eu-west-1", run: try #require(RunName("quote-\"it\"".filter(\.isLetter))),
            attempt: 1, ordinal: 1, pace: .remote, trainer: TrainerAccount(user: "o'neil"))
    }

    @Test("a launch's script → small, the same bytes each time, and good bash")
    func form() throws {
        let script = try BootstrapTests.script()
        #expect(script.utf8.count < 8_192)
        #expect(try script == BootstrapTests.script())
        let check = try ToolProcess.run(
            ["bash", "-n", "/dev/stdin"], environment: ["PATH": "/usr/bin:/bin"], input: script)
        #expect(check.status == 0, "\(check.output)")
    }

    @Test("a launch on EC2 → its user data is the script, a run here keeps the plain form")
    func userData() throws {
        var world = World.cloud()
        world.context.storeURL = "s3://bucket/lab"
        world.context.storeRegion = "us-east-1"
        world.settle()
        let script = try #require(world.launches.last?.request?.userData)
        #expect(script.hasPrefix("#!/bin/bash\n"))
        #expect(script.contains("key='lab/agents/\(Digest(of: "agent").hex)'"))
        #expect(script.contains("\"storeURL\":\"s3://bucket/lab\""))
    }

    @Test("a first boot → the agent, its configuration and its unit are there, and it is started")
    func boots() throws {
        let machine = try Machine()
        let result = try machine.boot()
        #expect(result.status == 0, "\(result.output)")
        #expect(machine.installed == BootstrapTests.agent)
        let written = machine.directory.read("root/etc/holdfast/agent.json") ?? []
        let configuration = try CanonicalJSON.decode(AgentConfiguration.self, from: written)
        #expect(try configuration == BootstrapTests.configuration())
        let unit = try #require(machine.unit)
        #expect(unit.contains("Environment=\"AWS_ENDPOINT_URL=http://127.0.0.1:"))
        #expect(!unit.contains("AWS_ENDPOINT_URL_S3"))
        #expect(
            machine.asked == [
                "systemctl daemon-reload", "systemctl enable --now holdfast-agent.service",
            ])
        let modes = try ToolProcess.run(
            [
                "stat", "-c", "%a", machine.directory("root/etc/holdfast/agent.json"),
                machine.directory("root/usr/local/bin/reconcile-agent"),
            ], environment: ["PATH": "/usr/bin:/bin"])
        #expect(modes.output == "600\n755\n")
    }

    @Test("a role that comes late, a denial, a broken transfer → tried again, no secret is shown")
    func patience() throws {
        let machine = try Machine(prefix: "", ["no-role=2", "deny=1", "cut=1"])
        let result = try machine.boot()
        #expect(result.status == 0, "\(result.output)")
        #expect(machine.installed == BootstrapTests.agent)
        #expect(machine.asked.prefix(4) == ["sleep 1", "sleep 2", "sleep 4", "sleep 8"])
        #expect(result.output.contains("no role (yet)"))
        #expect(result.output.contains("status 403 AccessDenied"))
        #expect(!result.output.contains("secret/"))
        #expect(!result.output.contains("session/"))
    }

    @Test("another program under the agent's key → never installed, and the console says why")
    func otherBytes() throws {
        let machine = try Machine(["other-bytes"])
        let result = try machine.boot()
        #expect(result.status == 1)
        #expect(machine.installed == nil)
        #expect(machine.unit == nil)
        let last = result.output.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("holdfast: the agent was not started: s3://bucket/"))
        #expect(last.hasSuffix("is not the agent: its SHA-256 is another"))
    }

    @Test(
        "no metadata, or no S3 → it ends within its bound, and the last line says what is missing")
    func nothing() throws {
        let machine = try Machine()
        let blind = try machine.boot(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1"])
        #expect(blind.status == 1)
        #expect(blind.output.hasSuffix("not started: instance metadata gives no token\n"))
        let cutOff = try machine.boot(["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"])
        #expect(cutOff.status == 1)
        #expect(cutOff.output.hasSuffix("no whole answer from 127.0.0.1:1 (curl: 7)\n"))
    }
}
