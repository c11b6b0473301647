import Processes
import TestSupport
import Testing
import Training

/// The embedded provider: everything is in one folder.
struct LocalGround: Ground {
    let state: String

    var flags: [String] { ["--provider", "local", "--state", state] }
    var environment: [String: String] { [:] }
    var mark: String { state }
    var slowness: Int { 1 }
    var manifests: [String: String] {
        ["manifests/policy.yaml": "kind: policy\nscope: test\nmax_terminations: 100\n"]
    }
    var lines: [String] { [] }

    private struct Launch: Decodable {
        var clientToken: String
    }

    func machines() throws -> [Workshop.Machine] {
        let folder = state + "/machines"
        return try (FileSystem.list(folder) ?? []).compactMap { id in
            let place = "\(folder)/\(id)"
            guard let launch = try read(Launch.self, "\(place)/launch.json") else { return nil }
            return Workshop.Machine(
                id: id, token: launch.clientToken,
                tags: try read([String: String].self, "\(place)/metadata/tags.json") ?? [:],
                status: try read(Workshop.Machine.Status.self, "\(place)/status.json"))
        }
    }

    func object(_ key: String) throws -> [UInt8]? {
        try FileSystem.read("\(state)/store/\(key)", limit: 64 << 20)
    }

    func write(_ bytes: [UInt8], to key: String) throws {
        #expect(LocalFile.write("\(state)/store/\(key)", bytes))
    }

    func keys(below prefix: String) throws -> [String] {
        let folder = String(prefix.prefix { _ in true }.dropLast(prefix.hasSuffix("/") ? 1 : 0))
        return try (FileSystem.list("\(state)/store/\(folder)") ?? []).map { "\(folder)/\($0)" }
            .sorted()
    }

    func interrupt(_ machine: Workshop.Machine, notice: Int?) throws {
        let how = notice.map { ["--notice", "\($0)s"] } ?? ["--no-notice"]
        let run = try #require(machine.run)
        let result = try ToolProcess.run(
            [Workshop.programs + "/reconcile", "local", "interrupt", run] + how + flags,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": state])
        try #require(result.status == 0, "\(result.output)")
    }

    func setTag(_ key: String, _ value: String, of machine: Workshop.Machine) throws {
        var tags = machine.tags
        tags[key] = value
        try FileSystem.write(
            CanonicalJSON.encode(tags), to: "\(state)/machines/\(machine.id)/metadata/tags.json")
    }

    func disk(of machine: Workshop.Machine) -> String {
        "\(state)/machines/\(machine.id)/disk"
    }

    func end() async throws {
        guard try FileSystem.status(state) != nil else { return }
        let reset = try ToolProcess.run(
            [Workshop.programs + "/reconcile", "local", "reset"] + flags,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": state])
        #expect(reset.status == 0, "local reset: \(reset.output)")
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value? {
        guard let bytes = try FileSystem.read(path, limit: CanonicalJSON.maximumSize) else {
            return nil
        }
        return try CanonicalJSON.decode(type, from: bytes)
    }
}
