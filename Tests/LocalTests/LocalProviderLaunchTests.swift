import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Local

@Suite struct LocalProviderLaunchTests {
    @Test("machines of this machine → keep the port's promises on both markets")
    func contract() async throws {
        for market in [Market.onDemand, .spot] {
            try await MachineFixture.use { fixture in
                let request = fixture.request("sleep 60", market: market)
                let contract = InstanceProviderContract(
                    fixture.provider, request: request, except: [.noOfferings, .noConsole])
                let findings = await contract.findings()
                #expect(findings == [])
            }
        }
    }

    @Test("launched → running, with its metadata, and a session of its own")
    func launch() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("echo \"$1 $2 $PWD\"; sleep 60")
            let instance = try await fixture.provider.launch(request)
            #expect(instance.state == .running)
            #expect(instance.clientToken == "token-1")
            let machine = fixture.machine(instance)
            #expect(
                try await fixture.eventually {
                    fixture.log(instance)
                        == "\(machine.metadata.path) \(machine.disk) \(machine.disk)\n"
                })
            let metadata = DirectoryMetadata(path: machine.metadata.path)
            let identity = try await metadata.identity()
            #expect(identity.instance == instance.id)
            #expect(identity.userData == Array(request.userData.utf8))
            #expect(try await metadata.notice() == nil)
            #expect(try await metadata.tag(Tag.run) == "a")
            let shim = try #require(try machine.status()?.shim)
            #expect(getsid(shim.pid) == shim.pid)
            #expect(try await fixture.provider.describe(scope: "test") == [instance])
            #expect(try await fixture.provider.describe(scope: "other").isEmpty)
        }
    }

    @Test("twenty launches at once of one token → one machine, booted once")
    func concurrent() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("echo start; sleep 60")
            let providers = try (0..<5).map { _ in try fixture.anotherProvider() }
            let ids = try await withThrowingTaskGroup(of: InstanceID.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await providers[number % providers.count].launch(request).id
                    }
                }
                return try await group.reduce(into: Set<InstanceID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            let all = try await fixture.provider.list()
            #expect(all.count == 1)
            let instance = try #require(all.first)
            #expect(try await fixture.eventually { fixture.log(instance) == "start\n" })
        }
    }

    @Test("the token with another request → refused; the machine goes on")
    func mismatch() async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(fixture.request("sleep 60"))
            await #expect(throws: LaunchFailure.parametersMismatch) {
                try await fixture.provider.launch(fixture.request("sleep 61"))
            }
            #expect(try await fixture.provider.describe(instance: instance.id) == instance)
        }
    }

    @Test("the token of an ended machine → refused, nothing starts")
    func ended() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("echo start; exit 0")
            let instance = try await fixture.provider.launch(request)
            _ = try await fixture.state(of: instance, becomes: .terminated)
            await #expect(throws: LaunchFailure.instanceTerminated) {
                try await fixture.provider.launch(request)
            }
            #expect(fixture.log(instance) == "start\n")
        }
    }

    @Test("crash between mkdir and any later step → healed by the same launch")
    func crashes() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("sleep 60")
            let id = LocalProvider.instanceID(of: request.clientToken)
            let machine = fixture.provider.directory(of: id)
            try FileSystem.makeDirectory(machine.path)
            #expect(try await fixture.provider.describe(instance: id) == nil)
            try FileSystem.makeDirectory(machine.disk)
            #expect(try await fixture.provider.launch(request).state == .running)
            #expect(try await fixture.provider.list().count == 1)
        }
    }

    @Test("everything written but no shim started → not listed, so that the same launch heals it")
    func crashBeforeSpawn() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("sleep 60")
            let first = try await fixture.provider.launch(request)
            let launch = try #require(try fixture.machine(first).launch())
            try await fixture.provider.reset()
            // The same machine as a launch leaves it that dies just before the spawn.
            let machine = fixture.machine(first)
            try FileSystem.makeDirectories(machine.disk)
            try FileSystem.makeDirectories(machine.log)
            try machine.metadata.write(
                instance: first.id, userData: request.userData, tags: request.tags)
            try machine.write(launch)
            #expect(try await fixture.provider.describe(instance: first.id) == nil)
            #expect(try await fixture.provider.list().isEmpty)
            #expect(try await fixture.provider.launch(request).state == .running)
            #expect(try await fixture.provider.list().count == 1)
        }
    }

    @Test("a second shim for the same boot → does nothing")
    func secondShim() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("echo start; exit 0")
            let instance = try await fixture.provider.launch(request)
            _ = try await fixture.state(of: instance, becomes: .terminated)
            let machine = fixture.machine(instance)
            let command = Command(
                [MachineFixture.builtAgent, "machine", machine.path, "1", fixture.provider.agent],
                environment: Command.currentEnvironment)
            let shim = try await ChildProcess.spawn(command)
            #expect(await shim.wait(within: .seconds(10)) == .exited(0))
            #expect(fixture.log(instance) == "start\n")
        }
    }

    @Test("no agent program → rejected by its path, and no machine")
    func noAgent() async throws {
        let directory = try TemporaryDirectory()
        let provider = try LocalProvider(state: directory("state"), agent: directory("none"))
        let request = LaunchRequest(
            clientToken: "t", region: "local", market: .spot, shutdownBehavior: .terminate,
            tags: [:], userData: "")
        let path = directory("none")
        await #expect(throws: LaunchFailure.rejected("the agent cannot be executed: \(path)")) {
            try await provider.launch(request)
        }
        #expect(try await provider.list().isEmpty)
    }

    @Test("an ended machine → seen for an hour, its token remembered for a day")
    func forgotten() async throws {
        try await MachineFixture.use { fixture in
            let request = fixture.request("exit 0")
            let instance = try await fixture.provider.launch(request)
            let end = try #require(try await fixture.state(of: instance, becomes: .terminated))
            let machine = fixture.machine(instance)
            var status = try #require(try machine.status())
            status.since = try #require(end.stateSince) - .hours(2)
            try machine.write(status)
            #expect(try await fixture.provider.describe(instance: instance.id) == nil)
            await #expect(throws: LaunchFailure.instanceTerminated) {
                try await fixture.provider.launch(request)
            }
            status.since = status.since - .hours(24)
            try machine.write(status)
            #expect(try await fixture.provider.list().isEmpty)
            #expect(try FileSystem.list(fixture.directory("state/machines")) == [])
        }
    }

    @Test("the operator's secrets → not in the machine's environment")
    func environment() {
        let operators = [
            "PATH": "/bin", "LC_ALL": "C", "CUDA_VISIBLE_DEVICES": "0", "GITHUB_TOKEN": "canary",
            "AWS_SECRET_ACCESS_KEY": "canary", "HOLDFAST_WEBHOOK_SECRET": "canary",
        ]
        let passed = MachineEnvironment.part(of: operators)
        #expect(passed == ["PATH": "/bin", "LC_ALL": "C", "CUDA_VISIBLE_DEVICES": "0"])
    }
}
