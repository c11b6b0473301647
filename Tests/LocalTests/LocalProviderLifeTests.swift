import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Local

@Suite struct LocalProviderLifeTests {
    @Test("shim killed → the machine ends once nothing of it is left")
    func killedShim() async throws {
        try await MachineFixture.use { fixture in
            let script = "setsid sleep 60 & sleep 60"
            let instance = try await fixture.provider.launch(fixture.request(script))
            #expect(try await fixture.eventually { try fixture.processes(of: instance).count > 2 })
            let shim = try #require(try fixture.machine(instance).status()?.shim)
            #expect(shim.signal(SIGKILL))
            let end = try await fixture.state(of: instance, becomes: .terminated)
            #expect(end?.stateReason == StateReason.failed)
            #expect(try fixture.processes(of: instance).isEmpty)
        }
    }

    @Test("agent killed → its setsid trainer is killed too")
    func killedAgent() async throws {
        try await MachineFixture.use { fixture in
            let script = "setsid sleep 60 & echo $$; sleep 60"
            let instance = try await fixture.provider.launch(fixture.request(script))
            #expect(
                try await fixture.eventually {
                    try fixture.processes(of: instance).count > 2
                        && fixture.log(instance).hasSuffix("\n")
                })
            let pid = try #require(Int32(fixture.log(instance).filter(\.isNumber)))
            #expect(kill(pid, SIGKILL) == 0)
            let end = try await fixture.state(of: instance, becomes: .terminated)
            #expect(end?.stateReason == StateReason.failed)
            #expect(try fixture.processes(of: instance).isEmpty)
        }
    }

    @Test("agent exits with 0 → the machine powers off as it was launched to")
    func powerOff() async throws {
        try await MachineFixture.use { fixture in
            let script = "(setsid sleep 60 &); echo x > \"$2/file\"; exit 0"
            let gone = try await fixture.provider.launch(fixture.request(script))
            let kept = try await fixture.provider.launch(
                fixture.request(script, token: "token-2", behavior: .stop))
            let terminated = try await fixture.state(of: gone, becomes: .terminated)
            let stopped = try await fixture.state(of: kept, becomes: .stopped)
            #expect(terminated?.stateReason == StateReason.byItself)
            #expect(stopped?.stateReason == StateReason.byItself)
            #expect(try FileSystem.status(fixture.machine(gone).disk) == nil)
            #expect(try FileSystem.list(fixture.machine(kept).disk) == ["file"])
            #expect(try fixture.processes(of: kept).isEmpty)
        }
    }

    @Test(
        "agent left word how to end → that counts, as far as the machine can stop",
        arguments: [
            ("stop", Market.onDemand, Instance.State.stopped), ("stop", .spot, .terminated),
            ("terminate", .onDemand, .terminated), ("as-launched", .onDemand, .terminated),
        ])
    func powerOffWord(_ row: (String, Market, Instance.State)) async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(
                fixture.request("printf \(row.0) > \"$2/power-off\"; exit 0", market: row.1))
            let ended = try await fixture.state(of: instance, becomes: row.2)
            #expect(ended?.state == row.2)
            #expect(ended?.stateReason == StateReason.byItself)
        }
    }

    @Test("stopped and started → the disk is kept, the boot is another one")
    func stopStart() async throws {
        try await MachineFixture.use { fixture in
            let script = "cat \"$1/boot-id\"; echo; echo x >> \"$2/file\"; sleep 60"
            let instance = try await fixture.provider.launch(fixture.request(script))
            #expect(try await fixture.eventually { fixture.log(instance).hasSuffix("\n") })
            try await fixture.provider.stop(instance.id)
            let stopped = try await fixture.state(of: instance, becomes: .stopped)
            #expect(stopped?.stateReason == StateReason.byUser)
            #expect(try fixture.processes(of: instance).isEmpty)
            try await fixture.provider.stop(instance.id)
            try await fixture.provider.start(instance.id)
            try await fixture.provider.start(instance.id)
            #expect(try await fixture.provider.describe(instance: instance.id)?.state == .running)
            let file = "\(fixture.machine(instance).disk)/file"
            #expect(try await fixture.eventually { LocalFile.read(file)?.count == 4 })
            #expect(Set(fixture.log(instance).split(separator: "\n")).count == 2)
            try await fixture.provider.stop(instance.id)
            _ = try await fixture.state(of: instance, becomes: .stopped)
            try await fixture.provider.terminate(instance.id)
            #expect(
                try await fixture.provider.describe(instance: instance.id)?.state == .terminated)
            await #expect(throws: ProviderFailure.unsupported("\(instance.id) has ended")) {
                try await fixture.provider.start(instance.id)
            }
        }
    }

    @Test("one-time spot → cannot be stopped")
    func spotStop() async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(
                fixture.request("sleep 60", market: .spot))
            await #expect(throws: ProviderFailure.self) {
                try await fixture.provider.stop(instance.id)
            }
            #expect(try await fixture.provider.describe(instance: instance.id)?.state == .running)
        }
    }

    @Test("terminated → a shutdown notice first, then everything ends, the disk goes, logs stay")
    func terminate() async throws {
        try await MachineFixture.use(stopGrace: .seconds(5)) { fixture in
            let script = """
                trap '' TERM
                setsid sleep 60 &
                echo up
                while [ ! -e "$1/shutdown" ]; do sleep 0.02; done
                echo noticed
                exit 4
                """
            let instance = try await fixture.provider.launch(fixture.request(script))
            #expect(try await fixture.eventually { fixture.log(instance) == "up\n" })
            try await fixture.provider.terminate(instance.id)
            let end = try await fixture.state(of: instance, becomes: .terminated)
            #expect(end?.stateReason == StateReason.byUser)
            #expect(fixture.log(instance) == "up\nnoticed\n")
            #expect(try FileSystem.status(fixture.machine(instance).disk) == nil)
            #expect(try fixture.processes(of: instance).isEmpty)
            try await fixture.provider.terminate(instance.id)
            try await fixture.provider.terminate(InstanceID("i-00000000000000000"))
        }
    }

    @Test("interrupted with a notice → it stands with its deadline, runs until then, then goes")
    func interruptWithNotice() async throws {
        try await MachineFixture.use { fixture in
            let script = """
                setsid sleep 60 &
                echo up
                while [ ! -e "$1/spot-instance-action" ]; do sleep 0.02; done
                cat "$1/spot-instance-action"; echo
                sleep 60
                """
            let instance = try await fixture.provider.launch(
                fixture.request(script, market: .spot))
            #expect(try await fixture.eventually { fixture.log(instance) == "up\n" })
            try await fixture.provider.interrupt(instance.id, notice: .seconds(8))
            #expect(try await fixture.eventually { fixture.log(instance).hasSuffix("}\n") })
            let action = try CanonicalJSON.decode(
                MetadataDirectory.Action.self, from: Array(fixture.log(instance).utf8.dropFirst(3)))
            let seen = try await fixture.provider.describe(instance: instance.id)
            #expect(seen?.state == .running || SystemClock().now() >= action.time)
            let end = try #require(try await fixture.state(of: instance, becomes: .terminated))
            #expect(end.stateReason == StateReason.interrupted)
            #expect(try #require(end.stateSince) >= action.time)
            #expect(try fixture.processes(of: instance).isEmpty)
        }
    }

    @Test("interrupted without a notice → gone at once")
    func interruptAtOnce() async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(
                fixture.request("trap '' TERM; sleep 60; sleep 60", market: .spot))
            try await fixture.provider.interrupt(instance.id, notice: nil)
            let end = try await fixture.state(of: instance, becomes: .terminated)
            #expect(end?.stateReason == StateReason.interrupted)
            await #expect(throws: ProviderFailure.self) {
                try await fixture.provider.interrupt(instance.id, notice: nil)
            }
        }
    }

    @Test("hangup and interrupt from a terminal → the machine goes on; TERM → it shuts down")
    func terminal() async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(
                fixture.request("while [ ! -e $1/shutdown ]; do sleep 0.02; done; exit 3"))
            let shim = try #require(try fixture.machine(instance).status()?.shim)
            for number in [SIGHUP, SIGINT, SIGPIPE] { #expect(shim.signal(number)) }
            try await Task.sleep(for: .milliseconds(100))
            #expect(try await fixture.provider.describe(instance: instance.id)?.state == .running)
            #expect(shim.signal(SIGTERM))
            let end = try await fixture.state(of: instance, becomes: .terminated)
            #expect(end?.stateReason == StateReason.byItself)
        }
    }

    @Test("tagged → seen by describe and by the agent, other tags stay")
    func tags() async throws {
        try await MachineFixture.use { fixture in
            let instance = try await fixture.provider.launch(fixture.request("sleep 60"))
            try await fixture.provider.tag(instance.id, [Tag.intent: "7"])
            let tags = try await fixture.provider.describe(instance: instance.id)?.tags
            #expect(tags == [Tag.scope: "test", Tag.run: "a", Tag.intent: "7"])
            let metadata = DirectoryMetadata(path: fixture.machine(instance).metadata.path)
            #expect(try await metadata.tag(Tag.intent) == "7")
            #expect(try await metadata.tag("none") == nil)
        }
    }

    @Test("reset → no machine, no process, no file, whatever state they were in")
    func reset() async throws {
        try await MachineFixture.use { fixture in
            let hard = "trap '' TERM; setsid sleep 60 & sleep 60; sleep 60"
            let running = try await fixture.provider.launch(fixture.request(hard))
            let orphaned = try await fixture.provider.launch(
                fixture.request(hard, token: "token-2"))
            try FileSystem.makeDirectory(
                fixture.provider.directory(of: LocalProvider.instanceID(of: "x")).path)
            let marks = try [running, orphaned].compactMap {
                try fixture.machine($0).launch()?.mark
            }
            try fixture.machine(orphaned).status()?.shim?.signal(SIGKILL)
            try await fixture.provider.reset()
            #expect(try await fixture.provider.list().isEmpty)
            #expect(try FileSystem.list(fixture.directory("state/machines")) == [])
            for mark in marks { #expect(try fixture.processes(of: mark).isEmpty) }
        }
    }
}
