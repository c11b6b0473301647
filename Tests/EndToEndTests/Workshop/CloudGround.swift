import Glibc
import Processes
import TestSupport
import Testing
import Training

/// EC2 and S3 as the double has them: instances run their user data as processes.
struct CloudGround: Ground {
    static let bucket = "holdfast-test"
    static let prefix = "scopes/test"
    static let region = "us-east-1"

    let double: AWSDoubleProcess
    let root: String

    init(folder: TemporaryDirectory, boots: Bool) throws {
        folder.makeDirectory("machines")
        root = folder("machines")
        // Its trainers are another user than this one.
        #expect(chmod(folder.path, 0o755) == 0)
        double = try AWSDoubleProcess((boots ? ["--boot"] : []) + ["--root", root])
        try double.makeBucket(Self.bucket)
    }

    var flags: [String] { ["--provider", "ec2", "--agent", Self.agent] }
    var environment: [String: String] {
        double.environment(region: Self.region).filter { $0.key.hasPrefix("AWS_") }
    }
    /// Not the double itself, whose arguments name the folder.
    var mark: String { root + "/i-" }
    var slowness: Int { 3 }
    var lines: [String] { ["profile: double"] }

    var manifests: [String: String] {
        [
            "manifests/policy.yaml": """
            kind: policy
            scope: test
            max_terminations: 100
            state: s3://\(Self.bucket)/\(Self.prefix)

            """,
            "manifests/profile.yaml": """
            kind: profile
            name: double
            region: \(Self.region)
            trainer_user: nobody

            """,
        ]
    }

    /// Without its symbols: each machine fetches it.
    static let agent: String = {
        let stripped = Workshop.programs + "/reconcile-agent-stripped"
        let fresh = "\(stripped).\(FileSystem.randomName())"
        let outcome = try? ToolProcess.run(
            ["strip", "-o", fresh, Workshop.programs + "/reconcile-agent"],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
        guard outcome?.status == 0, (try? FileSystem.rename(fresh, to: stripped)) != nil else {
            return Workshop.programs + "/reconcile-agent"
        }
        return stripped
    }()

    func machines() throws -> [Workshop.Machine] {
        try double.machines().map { machine in
            Workshop.Machine(
                id: machine.id, token: machine.clientToken, tags: machine.tags,
                status: Workshop.Machine.Status(
                    state: machine.state == "shutting-down"
                        ? .shuttingDown : Instance.State(rawValue: machine.state) ?? .pending,
                    reason: machine.stateReason, boot: machine.boots))
        }
    }

    func object(_ key: String) throws -> [UInt8]? {
        try double.object("\(Self.prefix)/\(key)", in: Self.bucket)
    }

    func write(_ bytes: [UInt8], to key: String) throws {
        try double.write(bytes, to: "\(Self.prefix)/\(key)", in: Self.bucket)
    }

    func keys(below prefix: String) throws -> [String] {
        try double.keys(below: "\(Self.prefix)/\(prefix)", in: Self.bucket)
            .map { String($0.dropFirst(Self.prefix.utf8.count + 1)) }
    }

    func interrupt(_ machine: Workshop.Machine, notice: Int?) throws {
        try double.control(
            "POST", "instances/\(machine.id)/interrupt",
            notice.map { "{\"notice\": \($0)}" } ?? "{}")
    }

    func setTag(_ key: String, _ value: String, of machine: Workshop.Machine) throws {
        try double.control(
            "POST", "instances/\(machine.id)/tags", "{\"set\": {\"\(key)\": \"\(value)\"}}")
    }

    func disk(of machine: Workshop.Machine) -> String {
        let root = (try? double.machines().first { $0.id == machine.id }?.root) ?? root
        return root + "/var/lib/holdfast"
    }

    /// What the machine wrote to its serial console.
    func console(of machine: Workshop.Machine) -> String {
        LocalFile.read("\(root)/\(machine.id)/console").map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    func end() async throws {
        let doors = try double.machines().compactMap { $0.metadata.split(separator: ":").last }
        try double.control("POST", "end")
        // What a machine's own firewall would take with it.
        for door in doors {
            _ = try ToolProcess.run(
                [
                    "bash", "-c",
                    "iptables -S OUTPUT | grep -w 'dport \(door)' | sed 's/^-A/-D/' "
                        + "| while read -r rule; do iptables -w $rule; done",
                ], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        }
    }
}
