import Checkpoints
import Logging
package import Planning
package import Reconciliation
import Training

/// A reconciler of the world: the production loop behind the world's ports.
package struct ControlNode: Sendable {
    /// How a life of `reconcile` is started.
    package struct Start: Hashable, Sendable {
        package var goal: ReconcilerGoal
        package var context: FleetContext
        package var seed: UInt64

        package init(goal: ReconcilerGoal, context: FleetContext, seed: UInt64) {
            self.goal = goal
            self.context = context
            self.seed = seed
        }
    }

    let stops: AsyncStream<Void>.Continuation
}

extension World {
    /// Starts a new life of reconciler `number`: nothing is in its memory from an earlier one.
    package func start(reconciler number: Int, _ start: ControlNode.Start) {
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        let process = with { state in
            state.begin(reconciler: number, ControlNode(stops: continuation))
        }
        var ports = Mutation.Ports(
            source: WorldSource(world: self, process: process, reconciler: number),
            providers: WorldProviders(world: self, process: process),
            store: WorldStore(world: self, process: process), coding: coding)
        with(\.mutation)?.reconciler(&ports)
        let reconciler = Reconciler(
            source: ports.source, providers: ports.providers,
            records: RecordStore(ports.store, writer: process.description, coding: coding),
            clock: WorldClock(world: self, process: process), context: start.context,
            goal: start.goal,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() },
            seed: start.seed)
        Task(executorPreference: lane) {
            let result = await reconciler.run(stops: stops) { occurrence in
                self.with { $0.note(.occurred(occurrence), by: process) }
            }
            self.with { $0.note(.finished(result), by: process) }
        }
    }
}

extension WorldState {
    fileprivate mutating func begin(reconciler number: Int, _ node: ControlNode) -> ProcessID {
        kill(reconciler: number)
        let life = (reconcilerLives[number] ?? 0) + 1
        reconcilerLives[number] = life
        let process = ProcessID.reconciler(number, life: life)
        lives[process] = Life()
        controlNodes[number] = node
        return process
    }

    /// The living process of a reconciler.
    package func process(ofReconciler number: Int) -> ProcessID? {
        guard controlNodes[number] != nil, let life = reconcilerLives[number] else { return nil }
        return .reconciler(number, life: life)
    }

    /// Ends a reconciler at once: its suspended code learns that every call fails, and ends.
    package mutating func kill(reconciler number: Int) {
        guard let process = process(ofReconciler: number) else { return }
        kill(process)
    }
}
