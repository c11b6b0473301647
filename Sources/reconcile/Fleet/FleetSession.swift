import Checkpoints
import Local
import Logging
import Planning
import Reconciliation
import Training

/// One scope with all that is needed to reconcile or to look at it.
struct FleetSession: Sendable {
    var manifests: ManifestFleet
    var records: RecordStore
    var providers: any InstanceProviders
    var context: FleetContext
    /// Of the loop's jitter.
    var seed: UInt64
    /// What machines fetch at their first boot; nil on the embedded provider.
    var agent: AgentProgram?
    private let stop = StopSignal()

    init(
        manifests: ManifestFleet, records: RecordStore, providers: any InstanceProviders,
        context: FleetContext, seed: UInt64
    ) {
        self.manifests = manifests
        self.records = records
        self.providers = providers
        self.context = context
        self.seed = seed
    }

    var reader: RecordReader { RecordReader(records: records) }

    /// A person or the system asked the last `run` to stop.
    var wasStopped: Bool { stop.isSet }

    /// What went wrong in a pass, each with what a person can do about it.
    func failures(of result: ReconcileResult) async -> [CommandFailure] {
        let failure = await manifests.failure
        return result.problems.map { problem in
            let advice =
                problem == failure?.description
                ? failure.flatMap { SourceAdvice.text(for: $0) } : nil
            return CommandFailure(problem, advice: advice)
        }
    }

    /// Sees to it that machines find the agent; to be done before the first pass that applies.
    func publishAgent() async throws(CommandFailure) {
        try await agent?.publish(to: records.store)
    }

    /// Looks and plans; changes nothing.
    func plan() async -> ReconcileResult {
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        defer { continuation.finish() }
        await manifests.prepare(toApply: false)
        return await reconciler(ReconcilerGoal(mode: .plan), OutputLog.silent)
            .run(stops: stops) { _ in }
    }

    /// Runs until the goal is reached or a signal asks to stop; what is in flight ends first.
    func run(
        _ goal: ReconcilerGoal, logger: Logger,
        onOccurrence: @escaping @Sendable (Occurrence) -> Void
    ) async -> ReconcileResult {
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        await manifests.prepare(toApply: true)
        let waiting = Task { await stop.wait { continuation.yield() } }
        defer {
            waiting.cancel()
            continuation.finish()
        }
        return await reconciler(goal, logger).run(stops: stops, onOccurrence: onOccurrence)
    }

    private func reconciler(_ goal: ReconcilerGoal, _ logger: Logger) -> Reconciler {
        Reconciler(
            source: manifests, providers: providers, records: records, clock: SystemClock(),
            context: context, goal: goal, logger: logger, seed: seed)
    }
}
