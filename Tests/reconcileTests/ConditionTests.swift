import Planning
import Testing
import Training

@testable import reconcile

struct ConditionTests {
    @Test(
        "an agent cannot see notices, or no checkpoints → ready, but not healthy, with the reason",
        arguments: [
            (InactionReason.blind("metadata are turned off"), "MetadataUnseen"),
            (.unsaved("metadata are turned off"), "CheckpointsUnseen"),
        ])
    func impaired(reason: InactionReason, code: String) throws {
        var plan = Fixtures.quietPlan
        plan.inactions = [
            Inaction(Fixtures.run("char-gpt"), because: reason)
        ]
        let status = FleetStatus(
            scope: "research", owner: nil, attempted: nil, applied: Fixtures.revision,
            revisionHeld: nil, plan: plan, diagnostics: [], problems: [])
        let healthy = try #require(status.conditions.first { $0.type == .healthy })
        #expect(healthy.status == .no)
        #expect(healthy.reason == code)
        #expect(healthy.message.hasSuffix("metadata are turned off"))
        #expect(status.conditions.first { $0.type == .ready }?.status == .yes)
    }
}
