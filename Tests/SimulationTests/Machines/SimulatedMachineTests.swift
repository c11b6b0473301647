import Supervision
import TestSupport
import Testing
import Training

@testable import Simulation

@Suite("A simulated machine")
struct SimulatedMachineTests {
    private let scene = MachineScene()

    /// One step a second, a checkpoint each hour.
    private func trainer(hours: Int = 5) -> TrainerBehaviour {
        var behaviour = TrainerBehaviour()
        behaviour.steps = hours * 3600
        return behaviour
    }

    @Test("boot to completion → each checkpoint committed, released, powered off, few wakes")
    func completion() async throws {
        try await scene.give(MachineScene.spec(completion: CompletionRule(file: "final.ckpt")))
        scene.boot(trainer())
        scene.run(.hours(6))

        let index = try await scene.index
        #expect(index.checkpoints.map(\.id.sequence) == [1, 2, 3, 4, 5])
        let report = try #require(index.report(of: 1))
        #expect(report.outcome == .completed)
        #expect(report.released)
        #expect(scene.end() == "poweredOff")
        #expect(scene[1]?.isOn == false)
        #expect(
            scene.facts().contains(
                .trainerStarted(run: MachineScene.run, attempt: 1, from: nil, step: 0)))
        #expect(scene.facts().contains(.processesEnded(ExitStatus(code: 0), step: 18_000)))
        #expect(scene.wakes < 150)
    }

    @Test("exit 0 without the evidence → failed")
    func noEvidence() async throws {
        try await scene.give(MachineScene.spec(completion: CompletionRule(file: "final.ckpt")))
        var behaviour = trainer()
        behaviour.trouble = .init(.exit(code: 0), at: 7_000, untilAttempt: 1)
        scene.boot(behaviour)
        scene.run(.hours(6))
        let report = try #require(try await scene.index.report(of: 1))
        #expect(report.outcome == .failed)
        #expect(report.detail?.contains("final.ckpt does not exist") == true)
        #expect(report.lastLines == ["step 7000"])
    }

    @Test("a notice in the middle → one last save, interrupted and released before the deadline")
    func notice() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer())
        scene.run(.minutes(90))
        scene.giveNotice()
        scene.run(60)

        let index = try await scene.index
        let report = try #require(index.report(of: 1))
        #expect(report.outcome == .interrupted)
        #expect(report.released)
        #expect(index.checkpoints.count == 2)
        // AWS takes the machine: it waits, and goes by itself when nobody comes.
        #expect(scene.end() == nil)
        scene.run(.minutes(15))
        #expect(scene.end() == "poweredOff")
    }

    @Test("a power cut in mid-write of an atomic checkpoint → the next attempt goes on before it")
    func powerCut() async throws {
        var behaviour = trainer()
        behaviour.saving = 60_000
        try await scene.give(MachineScene.spec())
        scene.boot(behaviour)
        // 20 s of setup, two hours and a minute of saving, and into the second save.
        scene.run(Seconds(20 + 7_200 + 60 + 30))
        scene.change { $0.cutPower(at: $1) }
        #expect(scene[1]?.nextWake == nil)

        try await scene.give(attempt: 2, MachineScene.spec())
        scene.boot(attempt: 2, behaviour)
        scene.run(.minutes(5))
        let started = scene.facts(of: 2).compactMap { fact -> (String?, Int)? in
            guard case .trainerStarted(_, _, let path, let step) = fact else { return nil }
            return (path, step)
        }
        #expect(started.count == 1)
        #expect(started.first?.0 == "/disk/work/ckpt/step-3600")
        #expect(started.first?.1 == 3600)
        #expect(try await scene.index.head?.checkpoint == CheckpointID(attempt: 1, sequence: 1))
    }

    @Test("SIGKILL in mid-write of a directory → its torn rest is refused by name")
    func tornDirectory() async throws {
        var behaviour = trainer()
        behaviour.saving = 600_000
        behaviour.onSignal = .ignore
        let policy = CheckpointPolicy(
            path: "ckpt/step-*", kind: .directory, members: ["a.bin"], last: "state.json")
        try await scene.give(MachineScene.spec(policy))
        scene.boot(behaviour)
        scene.run(Seconds(20 + 3_600 + 60))
        scene.giveNotice()
        scene.run(120)
        let index = try await scene.index
        #expect(index.checkpoints.isEmpty)
        let report = try #require(index.report(of: 1))
        #expect(report.exit == ExitStatus(signal: 9))
        #expect(report.detail?.contains("refused ckpt/step-3600: its member") == true)
    }

    @Test(
        "an in-place file torn by SIGKILL → committed as it stands; the next trainer cannot read it"
    )
    func tornInPlace() async throws {
        var behaviour = trainer()
        behaviour.saving = 600_000
        behaviour.onSignal = .ignore
        try await scene.give(MachineScene.spec(CheckpointPolicy(path: "last.ckpt", kind: .inPlace)))
        scene.boot(behaviour)
        scene.run(Seconds(20 + 3_600 + 60))
        scene.giveNotice()
        scene.run(120)
        #expect(try await scene.index.checkpoints.count == 1)

        try await scene.give(
            attempt: 2, MachineScene.spec(CheckpointPolicy(path: "last.ckpt", kind: .inPlace)))
        scene.boot(attempt: 2, behaviour)
        scene.run(.minutes(5))
        #expect(try await scene.index.report(of: 2)?.outcome == .failed)
    }

    @Test("frozen while its attempt is given away → it wakes, commits nothing more, and goes")
    func zombie() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer(hours: 20))
        scene.run(.minutes(90))
        let before = scene[1]?.heartbeat(at: scene.now)
        #expect(before.map { scene.now.since($0.at) < 30 } == true)
        scene.change { $0.freeze(until: $1 + .hours(1), processes: true, at: $1) }
        scene.run(.minutes(10))
        #expect(scene[1]?.heartbeat(at: scene.now)?.at == before?.at)

        try await scene.give(attempt: 2, MachineScene.spec())
        scene.boot(attempt: 2, trainer())
        scene.run(.hours(2))
        #expect(scene.facts().contains(.agentStage(.fenced)))
        let wasKilled = scene.facts().contains { fact in
            if case .processesEnded(ExitStatus(signal: 9), _) = fact { true } else { false }
        }
        #expect(wasKilled)
        #expect(scene.end() == "poweredOff")
        let index = try await scene.index
        #expect(index.claim?.attempt == 2)
        #expect(index.checkpoints.filter { $0.id.attempt == 1 }.count == 1)
        #expect(await scene.store.overwritten.allSatisfy { !$0.hasPrefix("checkpoints/") })
    }

    @Test("the agent crashes → the trainer dies with it, and goes on from its newest checkpoint")
    func crash() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer(hours: 3))
        scene.run(.minutes(90))
        scene.change { $0.crash(at: $1) }
        #expect(scene.facts().contains(.processesEnded(ExitStatus(signal: 9), step: 5378)))
        scene.run(.hours(4))
        #expect(scene.facts().contains(.agentStarted(life: 2, boot: "b1")))
        #expect(
            scene.facts().contains(
                .trainerStarted(
                    run: MachineScene.run, attempt: 1, from: "/disk/work/ckpt/step-3600",
                    step: 3600)))
        #expect(try await scene.index.report(of: 1)?.outcome == .completed)
    }

    @Test("its system is asked to shut down → saved, released, halted within 90 s")
    func shutdown() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer())
        scene.run(.minutes(90))
        scene.change { $0.shutDown(at: $1) }
        scene.run(90)
        #expect(scene.end() == "halted")
        #expect(try await scene.index.report(of: 1)?.outcome == .interrupted)
        #expect(try await scene.index.checkpoints.count == 2)
    }

    @Test("metadata cannot be reached → the heartbeat says so, and again when it can")
    func blind() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer())
        scene.run(.minutes(30))
        let key = try #require(scene[1]?.heartbeat(at: scene.now)?.key)
        func blindness() async throws -> String? {
            let bytes = try #require(await scene.store.bytes(key))
            return try CanonicalJSON.decode(Heartbeat.self, from: bytes).blindness
        }
        #expect(try await blindness() == nil)
        scene.change { $0.sense(at: $1) { $0.seesMetadata = false } }
        scene.run(10)
        #expect(try await blindness() == "no answer")
        scene.change { $0.sense(at: $1) { $0.seesMetadata = true } }
        scene.run(10)
        #expect(try await blindness() == nil)
    }

    @Test("an intent in the ledger → seen at its next poll, drained, powered off")
    func intent() async throws {
        try await scene.give(MachineScene.spec())
        scene.boot(trainer())
        scene.run(.minutes(90))
        try await scene.changeLedger { ledger in
            ledger.attempts[0].intent = Intent(
                id: "drain-1", verb: .drainThenTerminate, deadline: scene.now + .minutes(10),
                spec: ledger.attempts[0].spec, reason: "removed")
        }
        scene.run(60)
        let report = try #require(try await scene.index.report(of: 1))
        #expect(report.acknowledged == "drain-1")
        #expect(report.outcome == .drained)
        #expect(scene.end() == "poweredOff")
    }
}
