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

    @Test("the disk cannot be searched → said at once; what was found before is still uploaded")
    func unsearched() {
        var world = training()
        world.local.complete = [LocalCheckpoint(path: "a", fingerprint: "a")]
        world.commitAnswer = .failed("the store is away")
        world.pass(2)
        #expect(world.lastHeartbeat?.scanFailure == nil)
        let tries = world.commits.count
        world.local = LocalScan(failure: "too much to look at")
        world.pass(2)
        #expect(world.lastHeartbeat?.scanFailure == "too much to look at")
        #expect(world.machine.stage == .training)
        world.pass(.minutes(5))
        #expect(world.commits.count > tries)
        world.local = LocalScan()
        world.pass(2)
        #expect(world.lastHeartbeat?.scanFailure == nil)
    }

    @Test("the newest checkpoint is flawed → told at once, until a whole one follows")
    func flawed() {
        var world = training()
        world.local.complete = [LocalCheckpoint(path: "a", fingerprint: "torn")]
        world.commitAnswer = .flawed("incomplete: it ends early")
        world.pass(3)
        #expect(world.lastHeartbeat?.scanFailure == "a: incomplete: it ends early")
        let tries = world.commits.count
        world.pass(.minutes(11))
        #expect(world.commits.count == tries)
        world.commitAnswer = nil
        world.local.complete = [LocalCheckpoint(path: "a", fingerprint: "whole")]
        world.pass(3)
        #expect(world.lastHeartbeat?.scanFailure == nil)
        #expect(world.lastHeartbeat?.checkpoint != nil)
    }

    // MARK: Before setup

    private static let secret = SecretReference("ssm:/lab/key")
    private static let place = S3Location("s3://data/set")

    private func furnished() throws -> RunSpec {
        var spec = ScriptedWorld.spec(setup: "make")
        spec.secrets = ["KEY": try #require(AgentCloudTests.secret)]
        spec.fileMounts = [FileMount(path: "/data", source: try #require(AgentCloudTests.place))]
        return spec
    }

    @Test("account, mounts and secrets are declared → ready in this order, before setup")
    func order() throws {
        var world = ScriptedWorld(try furnished()) { $0.trainer = TrainerAccount() }
        world.boot()
        world.pass(5)
        let names = world.effects.compactMap { entry in
            if case .step(_, let step) = entry.effect {
                "\(step)".prefix { $0 != "(" }
            } else {
                nil
            }
        }
        #expect(
            names.dropFirst(2).prefix(5) == [
                "prepareWorkspace", "admit", "fetchMounts", "fetchSecrets", "setup",
            ])
    }

    @Test("the trainer cannot be kept from the credentials → failed, nothing of the manifest ran")
    func notAdmitted() throws {
        var world = ScriptedWorld(try furnished()) { $0.trainer = TrainerAccount() }
        world.stepAnswers["admit"] = .invalid("no tool")
        world.boot()
        world.pass(.minutes(1))
        #expect(world.reports.last?.outcome == .failed)
        #expect(world.reports.last?.detail == "the trainer's account: no tool")
        #expect(world.powerOff == .terminate)
        #expect(world.started == nil)
        #expect(
            !world.effects.contains { entry in
                if case .step(_, .setup) = entry.effect { true } else { false }
            })
    }

    @Test("a secret is denied → held with what to grant, not tried on machine after machine")
    func denied() throws {
        var world = ScriptedWorld(try furnished())
        world.stepAnswers["secrets"] = .invalid("KEY: grant ssm:GetParameter")
        world.boot()
        world.pass(.minutes(1))
        #expect(world.reports.last?.outcome == .held)
        #expect(world.reports.last?.detail == "secrets: KEY: grant ssm:GetParameter")
    }

    @Test("secrets are away for a while → tried again; for 15 minutes → failed")
    func away() throws {
        var world = ScriptedWorld(try furnished())
        world.stepAnswers["secrets"] = .failed("away")
        world.boot()
        world.pass(.minutes(2))
        #expect(world.machine.stage == .preparing)
        var longer = world
        world.stepAnswers["secrets"] = nil
        world.pass(.minutes(2))
        #expect(world.machine.stage == .settingUp)
        longer.pass(.minutes(20))
        #expect(longer.reports.last?.outcome == .failed)
    }

    @Test("mounts take long → the report says how far they are, and they have hours")
    func slowMounts() throws {
        var world = ScriptedWorld(try furnished())
        world.stepAnswers["mounts"] = .failed("away")
        world.boot()
        world.pass(5)
        world.send(.mounting("file_mounts: 1 of 9 MiB"))
        world.pass(.hours(5))
        #expect(world.reports.last?.detail == "file_mounts: 1 of 9 MiB")
        #expect(world.machine.stage == .preparing)
        world.stepAnswers["mounts"] = nil
        world.pass(.minutes(2))
        #expect(world.machine.stage == .settingUp)
        #expect(world.reports.last?.detail == nil)
    }
}
