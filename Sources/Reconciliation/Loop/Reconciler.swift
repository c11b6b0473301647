package import Checkpoints
package import Logging
package import Planning
package import Training

/// The reconciler's loop: hands events to the state machine and its effects to the runner.
package struct Reconciler: Sendable {
    private let runner: EffectRunner
    private let clock: any WallClock
    private let context: FleetContext
    private let goal: ReconcilerGoal
    private let logger: Logger
    private let seed: UInt64

    package init(
        source: any FleetSource, providers: any InstanceProviders, records: RecordStore,
        clock: any WallClock, context: FleetContext, goal: ReconcilerGoal, logger: Logger,
        seed: UInt64
    ) {
        runner = EffectRunner(
            source: source, providers: providers, records: records,
            observer: Observer(records: records, providers: providers, context: context))
        self.clock = clock
        self.context = context
        self.goal = goal
        self.logger = logger
        self.seed = seed
    }

    /// Runs until the goal is reached, or `stops` yields: then what is in flight ends first.
    package func run(
        stops: AsyncStream<Void>, onOccurrence: @escaping @Sendable (Occurrence) -> Void
    ) async -> ReconcileResult {
        let (events, continuation) = AsyncStream.makeStream(of: ReconcilerEvent.self)
        var machine = ReconcilerStateMachine(context: context, goal: goal, seed: seed)
        continuation.yield(.wake)
        // Discarding: a group that keeps what has ended would grow for as long as the loop lives.
        return await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in stops {
                    continuation.yield(.stop)
                    return
                }
            }
            defer { group.cancelAll() }
            for await event in events {
                for effect in machine.handle(event, at: clock.now()) {
                    switch effect {
                    case .finish(let result): return result
                    case .report(let occurrence):
                        logger.record(occurrence)
                        onOccurrence(occurrence)
                    case .wake(let moment): group.addTask { await wake(at: moment, continuation) }
                    default:
                        group.addTask {
                            if let outcome = await runner.perform(effect) {
                                continuation.yield(outcome)
                            }
                        }
                    }
                }
            }
            return ReconcileResult()
        }
    }

    private func wake(
        at moment: Timestamp, _ events: AsyncStream<ReconcilerEvent>.Continuation
    ) async {
        let wait = max(0, moment.milliseconds - clock.now().milliseconds)
        // Cancelled only when the loop has ended.
        try? await clock.sleep(for: .milliseconds(wait))
        events.yield(.wake)
    }
}

extension Logger {
    /// Writes an occurrence as one line with metadata.
    fileprivate func record(_ occurrence: Occurrence) {
        switch occurrence {
        case .planned(let plan, _):
            debug(
                "planned",
                metadata: [
                    "actions": "\(plan.actions.count)", "blocked": "\(plan.blocked.count)",
                    "revision": "\(plan.revision)",
                ])
        case .acting(let action): debug("acting", metadata: metadata(action))
        case .acted(let action): info("acted", metadata: metadata(action))
        case .actionStale(let action, let why):
            notice("stale: \(why)", metadata: metadata(action))
        case .actionFailed(let action, let why):
            warning("failed: \(why)", metadata: metadata(action))
        case .sourceFailed(let failure): error("\(failure)")
        case .storeFailed(let failure): error("\(failure)")
        case .revisionHeld(let why): warning("the revision is held: \(why)")
        case .revisionApplied(let revision):
            info("revision applied", metadata: ["revision": "\(revision)"])
        case .manifestsInvalid(let count):
            warning("manifests are invalid", metadata: ["errors": "\(count)"])
        }
    }

    private func metadata(_ action: PlannedAction) -> Logger.Metadata {
        [
            "run": "\(action.run)", "verb": "\(action.verb.rawValue)",
            "reason": "\(action.reason.code)", "attempt": "\(action.attempt ?? 0)",
        ]
    }
}
