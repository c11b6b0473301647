import Supervision
import TestSupport
import Testing
import Training

@Suite("The agent with real processes")
struct AgentLoopTests {
    /// A run that counts to `steps` and saves each 10 steps.
    private func spec(
        _ arguments: String = "", steps: Int = 60, kind: CheckpointPolicy.Kind = .atomic,
        path: String = "checkpoints/step-*.json", completion: CompletionRule = CompletionRule()
    ) -> RunSpec {
        let command = "\(AgentScene.stepper) --steps \(steps) --step-time 0.02 \(arguments)"
        return RunSpec(
            name: AgentScene.run, run: command, resume: "\(command) --resume {checkpoint}",
            checkpoint: CheckpointPolicy(
                path: path, kind: kind, step: "step-(?<step>[0-9]+)", every: 0),
            stop: StopPolicy(grace: 5), completion: completion)
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
}
