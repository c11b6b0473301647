import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Local

/// A provider with real machines whose agent runs the user data as a shell script:
/// `$1` is the metadata directory, `$2` the disk.
struct MachineFixture {
    let directory: TemporaryDirectory
    let provider: LocalProvider

    /// Runs `body`, then ends every machine and checks that none of their processes is left.
    static func use(
        stopGrace: Duration = .milliseconds(300),
        _ body: (MachineFixture) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        directory.write("agent", "#!/bin/sh\nexec /bin/sh \"$3/user-data\" \"$3\" \"$5\"\n")
        #expect(chmod(directory("agent"), 0o755) == 0)
        let fixture = MachineFixture(
            directory: directory,
            provider: try LocalProvider(
                state: directory("state"), agent: directory("agent"), shim: builtAgent,
                stopGrace: stopGrace))
        do {
            try await body(fixture)
        } catch {
            try await fixture.provider.reset()
            throw error
        }
        let marks = try fixture.marks()
        try await fixture.provider.reset()
        for mark in marks { #expect(try fixture.processes(of: mark).isEmpty) }
    }

    /// The `reconcile-agent` that was built with the tests.
    static var builtAgent: String {
        let tests = (try? FileSystem.resolve("/proc/self/exe")) ?? ""
        return FileSystem.parent(of: tests) + "/reconcile-agent"
    }

    /// Another process's view of the same state directory.
    func anotherProvider() throws -> LocalProvider {
        try LocalProvider(
            state: directory("state"), agent: directory("agent"), shim: Self.builtAgent,
            stopGrace: .milliseconds(300))
    }

    func request(
        _ script: String, token: String = "token-1", market: Market = .onDemand,
        behavior: LaunchRequest.ShutdownBehavior = .terminate, scope: String = "test"
    ) -> LaunchRequest {
        LaunchRequest(
            clientToken: token, region: "local", market: market, shutdownBehavior: behavior,
            tags: [Tag.scope: scope, Tag.run: "a"], userData: script)
    }

    func machine(_ instance: Instance) -> MachineDirectory {
        provider.directory(of: instance.id)
    }

    func log(_ instance: Instance) -> String {
        let path = "\(machine(instance).log)/agent.log"
        return String(decoding: LocalFile.read(path) ?? [], as: UTF8.self)
    }

    func processes(of instance: Instance) throws -> [ProcessIdentity] {
        try processes(of: #require(try machine(instance).launch()).mark)
    }

    func processes(of mark: EnvironmentMark) throws -> [ProcessIdentity] {
        try ProcessTree(mark: mark, controlGroup: nil, adoptsOrphans: false).living()
    }

    /// Waits up to a minute for a state.
    func state(
        of instance: Instance, becomes state: Instance.State
    ) async throws -> Instance? {
        for _ in 0..<6_000 {
            let seen = try await provider.describe(instance: instance.id)
            if seen?.state == state { return seen }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try await provider.describe(instance: instance.id)
    }

    func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<6_000 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private func marks() throws -> [EnvironmentMark] {
        try provider.machines().compactMap { try $0.launch()?.mark }
    }
}
