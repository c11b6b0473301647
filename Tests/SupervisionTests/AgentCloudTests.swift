import Supervision
import Testing
import Training

@Suite("The agent on a machine of a cloud")
struct AgentCloudTests {
    private func training(
        _ spec: RunSpec = ScriptedWorld.spec(),
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) -> ScriptedWorld {
        var world = ScriptedWorld(spec, configure: configure)
        world.boot()
        world.pass(5)
        #expect(world.machine.stage == .training)
        return world
    }

    private func intent(_ verb: Intent.Verb) -> Intent {
        Intent(
            id: "one", verb: verb, deadline: nil,
            spec: StoredReference(key: "spec", sha256: Digest(of: "spec")), reason: "asked")
    }

    // MARK: The machine's end

    @Test("to be stopped, but powering off would terminate → released, stays, waits for the stop")
    func astray() {
        var world = training { $0.shutdownBehavior = .terminate }
        world.changeLedger { $0.attempts[0].intent = intent(.drainThenStop) }
        world.pass(.hours(2))
        #expect(world.reports.last?.outcome == .drained)
        #expect(world.reports.last?.released == true)
        #expect(world.powerOff == nil)
        #expect(world.machine.stage == .parked)
        world.send(
            .notice(.notice(Notice(kind: .shutdown, deadline: world.now + 90))))
        world.pass(5)
        #expect(world.powerOff == .asLaunched)
    }

    @Test(
        "powering off does as is wanted, or at least no harm → powered off",
        arguments: [
            (Intent.Verb.drainThenStop, LaunchRequest.ShutdownBehavior.stop, PowerOff.stop),
            (.drainThenTerminate, .terminate, .terminate), (.drainThenTerminate, .stop, .terminate),
        ])
    func aligned(
        verb: Intent.Verb, behavior: LaunchRequest.ShutdownBehavior, end: PowerOff
    ) {
        var world = training { $0.shutdownBehavior = behavior }
        world.changeLedger { $0.attempts[0].intent = intent(verb) }
        world.pass(.minutes(2))
        #expect(world.powerOff == end)
    }

    @Test("on_failure: keep 2h → the report at once, the machine for two hours")
    func keptForALook() {
        var spec = ScriptedWorld.spec()
        spec.onFailure = .keep(.hours(2))
        var world = training(spec)
        world.send(.processesEnded(ProcessesEnd(status: ExitStatus(code: 1))))
        world.pass(.minutes(1))
        #expect(world.reports.last?.outcome == .failed)
        #expect(world.reports.last?.released == true)
        world.pass(.minutes(118))
        #expect(world.powerOff == nil)
        world.pass(.minutes(2))
        #expect(world.powerOff == .terminate)
    }

    @Test("on_failure: keep 2h, then a drain → it goes at once")
    func keptNoLonger() {
        var spec = ScriptedWorld.spec()
        spec.onFailure = .keep(.hours(2))
        var world = training(spec)
        world.send(.processesEnded(ProcessesEnd(status: ExitStatus(code: 1))))
        world.pass(.minutes(1))
        world.changeLedger { $0.attempts[0].intent = intent(.drainThenTerminate) }
        world.pass(.minutes(1))
        #expect(world.powerOff == .terminate)
    }

    // MARK: Sight

    @Test("metadata time out → blind after the third failure in a row, and says so at once")
    func timeOuts() {
        var world = training()
        world.blindness = .unavailable("no answer in 2 s")
        world.pass(3)
        #expect(world.lastHeartbeat?.blindness == nil)
        world.pass(4)
        #expect(world.lastHeartbeat?.blindness == "no answer in 2 s")
        #expect(world.machine.stage == .training)
        world.blindness = nil
        world.pass(3)
        #expect(world.lastHeartbeat != nil)
        #expect(world.lastHeartbeat?.blindness == nil)
    }

    @Test("metadata are turned off → blind at the first answer")
    func turnedOff() {
        var world = training()
        world.blindness = .forbidden("turned off")
        world.pass(2)
        #expect(world.lastHeartbeat?.blindness == "turned off")
    }

    @Test("a failure now and then → never blind")
    func flicker() {
        var world = training()
        for _ in 0..<5 {
            world.blindness = .unavailable("no answer")
            world.pass(4)
            world.blindness = nil
            world.pass(2)
        }
        world.pass(60)
        #expect(world.lastHeartbeat?.blindness == nil)
    }
}
