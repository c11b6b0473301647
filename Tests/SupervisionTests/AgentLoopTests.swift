import Supervision
import TestSupport
import Testing
import Training

@Suite("The agent with real processes")
struct AgentLoopTests {
    /// A run that counts to `steps` and saves each 10 steps.
    private func spec(
        _ arguments: String = "", steps: Int = 60, kind: CheckpointPolicy.Kind = .atomic,
        path: String = "checkpoints/step-*.json", members: [String] = [], last: String? = nil,
        grace: Seconds = 5, completion: CompletionRule = CompletionRule(), launcher: String = ""
    ) -> RunSpec {
        let prefix = launcher.isEmpty ? "" : "\(AgentScene.launcher) \(launcher) "
        let command =
            "\(prefix)\(AgentScene.stepper) --steps \(steps) --step-time 0.02 \(arguments)"
        return RunSpec(
            name: AgentScene.run, run: command, resume: "\(command) --resume {checkpoint}",
            checkpoint: CheckpointPolicy(
                path: path, kind: kind, members: members, last: last,
                step: "step-(?<step>[0-9]+)", every: 0),
            stop: StopPolicy(grace: grace), completion: completion)
    }

    /// Lives until so many checkpoints are committed, then gets a notice of `seconds`.
    private func interrupt(
        _ scene: AgentScene, _ spec: RunSpec, after count: Int = 1, notice seconds: Seconds = 15
    ) async throws -> AttemptReport? {
        try await scene.give(spec)
        let life = Task { try await scene.live() }
        let isTime = await scene.wait { try await scene.index.checkpoints.count >= count }
        #expect(isTime, "\(scene.log())")
        scene.metadata.set(
            notice: Notice(kind: .spotInterruption, deadline: scene.clock.now() + seconds))
        let ended = await scene.wait { try await scene.report()?.released == true }
        #expect(ended, "\(scene.log())")
        life.cancel()
        scene.metadata.set(notice: nil)
        return try await scene.report()
    }

    @Test("trainer ends by itself with 0 → completed, newest checkpoint committed, power off")
    func completion() async throws {
        let scene = try AgentScene()
        try await scene.give(spec(completion: CompletionRule(file: "final.json")))
        let end = try await scene.live()
        #expect(end?.how == .terminate)
        let report = try await scene.report()
        #expect(report?.outcome == .completed, "\(scene.log())")
        #expect(report?.released == true)
        let index = try await scene.index
        #expect(index.checkpoints.last?.step == 60)
        #expect(index.head == Head(attempt: 1, checkpoint: nil))
    }

    @Test("exit 7 → failed with the code and the last lines, the log in the store")
    func failure() async throws {
        let scene = try AgentScene()
        try await scene.give(spec("--fail-at 15"))
        let end = try await scene.live()
        #expect(end?.how == .terminate)
        let report = try await scene.report()
        #expect(report?.outcome == .failed)
        #expect(report?.exit == ExitStatus(code: 7))
        #expect(report?.lastLines.last == "stepper: failing at step 15")
        let pieces = await scene.store.keys.filter { $0.contains("/logs/1-0/run-") }
        var shipped = ""
        for key in pieces {
            shipped += String(decoding: await scene.store.bytes(key) ?? [], as: UTF8.self)
        }
        #expect(shipped == scene.log())
        #expect(await scene.store.overwritten.filter { $0.contains("/logs/") }.isEmpty)
    }

    @Test("a notice, then the next machine → saved in time, resumed at that step by absolute path")
    func noticeAndResume() async throws {
        let scene = try AgentScene()
        let report = try await interrupt(scene, spec(steps: 2000))
        #expect(report?.outcome == .interrupted)
        #expect(report?.exit == ExitStatus(code: 143))
        let saved = try #require(try await scene.index.checkpoints.last)
        let step = try #require(saved.step)
        #expect(scene.log().contains("stopped at step \(step)"))

        try await scene.give(attempt: 2, spec(steps: step + 20))
        let end = try await scene.live(attempt: 2)
        #expect(end?.how == .terminate)
        let second = try await scene.report(2)
        #expect(second?.outcome == .completed, "\(scene.log(2))")
        #expect(second?.startedFrom == saved.id)
        #expect(scene.log(2).hasPrefix("start at step \(step) "))
        let index = try await scene.index
        #expect(index.head == Head(attempt: 2, checkpoint: saved.id))
        #expect(index.sealedThrough == 1)
    }

    @Test("trainer ignores SIGTERM → SIGKILL within the notice, the newest checkpoint is kept")
    func ignoresTerm() async throws {
        let scene = try AgentScene()
        let report = try await interrupt(
            scene, spec("--ignore-term", steps: 2000, grace: 60), notice: 2)
        #expect(report?.outcome == .interrupted)
        #expect(report?.exit == ExitStatus(signal: 9))
        #expect(report?.detail?.contains("killed after the grace") == true)
    }

    @Test(
        "launcher dies at once and leaves its trainer → the end is the trainer's",
        arguments: ["bash", "tee", "setsid", "detach"])
    func launchers(form: String) async throws {
        let scene = try AgentScene()
        let report = try await interrupt(scene, spec(steps: 2000, launcher: form))
        #expect(report?.outcome == .interrupted)
        // What the trainer saved last, after the signal, is what the store has.
        let steps = scene.savedSteps()
        #expect(try await scene.index.checkpoints.last?.step == steps.max(), "\(steps)")
        #expect((steps.max() ?? 0) % 10 != 0 || scene.log().contains("stopped"), "\(steps)")
    }

    @Test("children in sessions of their own → all gone at the end")
    func sessions() async throws {
        let scene = try AgentScene()
        let report = try await interrupt(scene, spec("--workers 2 --session", steps: 2000))
        #expect(report?.outcome == .interrupted)
        #expect(report?.released == true)
    }

    @Test("one file rewritten in place → copies are committed whole and resumed from")
    func inPlace() async throws {
        let scene = try AgentScene()
        let report = try await interrupt(
            scene,
            spec(
                "--kind in-place --write-time 0.02 --step-time 0.05", steps: 2000, kind: .inPlace,
                path: "checkpoints/latest.json"))
        #expect(report?.outcome == .interrupted)
        try await scene.give(
            attempt: 2,
            spec("--kind in-place", steps: 20, kind: .inPlace, path: "checkpoints/latest.json"))
        _ = try await scene.live(attempt: 2)
        #expect(try await scene.report(2)?.exit == ExitStatus(code: 0), "\(scene.log(2))")
        #expect(try await scene.report(2)?.startedFrom != nil)
    }

    @Test("a directory with its last member → committed when complete and resumed from")
    func directories() async throws {
        let scene = try AgentScene()
        func directory(_ steps: Int) -> RunSpec {
            spec(
                "--kind directory --write-time 0.01 --every 20", steps: steps, kind: .directory,
                path: "checkpoints/step-*", members: ["model.json", "optimizer.json"],
                last: "state.json")
        }
        let report = try await interrupt(scene, directory(2000))
        #expect(report?.outcome == .interrupted)
        let step = try #require(try await scene.index.checkpoints.last?.step)
        try await scene.give(attempt: 2, directory(step + 5))
        _ = try await scene.live(attempt: 2)
        #expect(try await scene.report(2)?.outcome == .completed, "\(scene.log(2))")
        #expect(scene.log(2).hasPrefix("start at step \(step) "))
    }

    @Test("corrupt newest checkpoint → quarantined, the one before is resumed, and it says so")
    func corruptNewest() async throws {
        let scene = try AgentScene()
        _ = try await interrupt(scene, spec(steps: 2000), after: 2)
        let checkpoints = try await scene.index.checkpoints
        let newest = try #require(checkpoints.last)
        let previous = try #require(checkpoints.dropLast().last)
        let prefix = StoreLayout.checkpoint(AgentScene.run, newest.id)
        let key = try #require(
            await scene.store.keys.first { $0.hasPrefix(prefix) && !$0.hasSuffix("MANIFEST.json") })
        await scene.store.damage(key) { $0[$0.count / 2] ^= 1 }

        let steps = try #require(previous.step) + 15
        try await scene.give(attempt: 2, spec(steps: steps))
        _ = try await scene.live(attempt: 2)
        let report = try await scene.report(2)
        #expect(report?.startedFrom == previous.id, "\(scene.log(2))")
        #expect(report?.fallback?.contains("\(newest.id)") == true)
        #expect(report?.outcome == .completed)
        let entry = try await scene.index.checkpoints.first { $0.id == newest.id }
        #expect(entry?.quarantines.count == 1)
    }

    @Test("drain-terminate in the ledger → drained, acknowledged, power off for good")
    func intent() async throws {
        let scene = try AgentScene()
        let attempt = try await scene.give(spec(steps: 2000))
        let life = Task { try await scene.live() }
        #expect(await scene.wait { try await !scene.index.checkpoints.isEmpty })
        let intent = Intent(
            id: "intent-1", verb: .drainThenTerminate, deadline: scene.clock.now() + 60,
            spec: attempt.spec, reason: "removed")
        try await scene.changeLedger { $0.attempts[0].intent = intent }
        let end = try await life.value
        #expect(end?.how == .terminate)
        let report = try await scene.report()
        #expect(report?.outcome == .drained)
        #expect(report?.acknowledged == "intent-1")
        #expect(report?.released == true)
    }

    @Test("SIGTERM to the agent → drained within its deadline, ends as launched")
    func shutdown() async throws {
        let scene = try AgentScene()
        try await scene.give(spec(steps: 2000))
        let (shutdowns, request) = AsyncStream.makeStream(of: Void.self)
        let life = Task { try await scene.live(shutdowns: shutdowns) }
        #expect(await scene.wait { try await !scene.index.checkpoints.isEmpty })
        request.yield()
        let end = try await life.value
        #expect(end?.how == .asLaunched)
        #expect(try await scene.report()?.outcome == .interrupted)
    }

    @Test("another attempt takes the claim → the trainer is killed and nothing more is committed")
    func fenced() async throws {
        let scene = try AgentScene()
        try await scene.give(spec(steps: 2000))
        let life = Task { try await scene.live() }
        #expect(await scene.wait { try await !scene.index.checkpoints.isEmpty })
        var index = try await scene.index
        index.serial += 1
        index.writer = "another"
        index.claim?.attempt = 2
        index.claim?.nonce = "other"
        await scene.store.plant(StoreLayout.index(AgentScene.run), CanonicalJSON.encode(index))
        let end = try await life.value
        #expect(end?.how == .terminate)
        let after = try await scene.index
        #expect(
            after.checkpoints.map(\.id) == index.checkpoints.map(\.id),
            "\(index.serial) \(after.serial) \(String(describing: after.claim))")
        #expect(try await scene.report()?.outcome == nil)
    }

    @Test("setup fails → failed, the trainer never starts")
    func setupFails() async throws {
        let scene = try AgentScene()
        var broken = spec()
        broken.setup = "echo no such package >&2; exit 3"
        try await scene.give(broken)
        _ = try await scene.live()
        let report = try await scene.report()
        #expect(report?.outcome == .failed)
        #expect(report?.exit == ExitStatus(code: 3))
        #expect(report?.lastLines == ["no such package"])
        #expect(scene.log() == "")
    }

    @Test("setup leaves a daemon → killed and named, and the run goes on")
    func setupLeavesADaemon() async throws {
        let scene = try AgentScene()
        var lingering = spec()
        lingering.setup = "setsid sleep 600 & echo ready"
        lingering.run = "true"
        try await scene.give(lingering)
        #expect(try await scene.live() != nil)
        #expect(try await scene.report()?.outcome == .completed)
        let log = scene.directory.text("disk-1/log/attempt-1.setup.log")
        #expect(log?.contains("[sleep: left running by setup, killed") == true)
    }

    @Test("setup and run → the variables that every run can rely on, and none of Holdfast's")
    func environment() async throws {
        let scene = try AgentScene()
        var shown = spec()
        shown.envs = ["LEARNING_RATE": "3e-4"]
        shown.run = "env"
        try await scene.give(shown)
        _ = try await scene.live()
        let lines = scene.log().split(separator: "\n").map(String.init)
        for expected in [
            "RUN_NAME=scene", "ATTEMPT=1", "NODE_RANK=0", "NODE_COUNT=1", "LEARNING_RATE=3e-4",
            "WANDB_RUN_ID=scene-1", "WANDB_RESUME=allow",
            "CHECKPOINT_DIR=\(scene.directory("disk-1"))/work/checkpoints",
        ] {
            #expect(lines.contains(expected))
        }
        #expect(!lines.contains { $0.hasPrefix("HOLDFAST_") && !$0.contains("_MARK=") })
    }

    @Test("same machine stopped and started with newer local files → committed before any restore")
    func startedAgain() async throws {
        let scene = try AgentScene()
        try await scene.give(spec(steps: 2000))
        let life = Task { try await scene.live() }
        #expect(await scene.wait { try await !scene.index.checkpoints.isEmpty })
        // The machine goes without a word: its trainer, too.
        life.cancel()
        _ = try await life.value
        scene.killTrainer()
        let known = try #require(try await scene.index.checkpoints.last)
        // A checkpoint that the store never saw.
        let step = try #require(known.step)
        let bytes = try #require(
            scene.directory.read("disk-1/work/checkpoints/step-\(step).json"))
        scene.directory.write("disk-1/work/checkpoints/step-999.json", bytes)

        try await scene.give(attempt: 2, spec(steps: step + 10))
        _ = try await scene.live(attempt: 2, disk: "disk-1")
        let rescued = try await scene.index.checkpoints.first { $0.step == 999 }
        #expect(rescued?.id.attempt == 2)
        #expect(try await scene.report(2)?.startedFrom == rescued?.id)
    }
}
