package import Planning
package import Training

/// What the world tells the reconciler.
package enum ReconcilerEvent: Sendable {
    /// A tick, a push or a hint: look again now.
    case wake
    case observed(Result<Observation, StoreFailure>)
    case fetched(Result<FetchedFleet, SourceFailure>)
    /// The specs of the applied revision, read back from the store.
    case specsLoaded(Result<[DesiredRun], StoreFailure>)
    case scopeWritten(WriteOutcome)
    case stepEnded(StepID, StepOutcome)
    /// SIGTERM: end after what is in flight; training goes on.
    case stop
}

/// What the reconciler wants done.
///
/// Each is one effect; the runner decides nothing.
package enum ReconcilerEffect: Hashable, Sendable {
    case observe
    case fetch(since: Revision?)
    case loadSpecs([ScopeRecord.AppliedRun])
    /// Publishes new specs, then swaps the scope record that was observed for this one.
    case writeScope(ScopeRecord, publishing: [RunSpec])
    /// Performs one step, unless the scope's applied sequence is no longer `sequence`.
    case perform(StepID, Step, run: RunName, sequence: Int)
    /// Brings a launch's answer into the run's ledger.
    case recordAnswer(StepID, run: RunName, attempt: Int, ordinal: Int, LaunchAnswer)
    case wake(at: Timestamp)
    case report(Occurrence)
    case finish(ReconcileResult)
}

/// One step of one planned action, counted over the life of the process.
package struct StepID: Hashable, Sendable {
    package var action: Int
    package var step: Int

    package init(action: Int, step: Int) {
        self.action = action
        self.step = step
    }
}

package enum WriteOutcome: Hashable, Sendable {
    case written
    /// Another writer was first: observe again.
    case conflict
    case failed(String)
}

/// How a step went.
package enum StepOutcome: Hashable, Sendable {
    case done
    case archived(SourceArchive)
    case resolved(PlacementQuery, ObservedPlacement.Answer)
    case console(InstanceID, String)
    case answered(LaunchAnswer)
    /// The world moved on: the plan that held this step is stale.
    case stale(String)
    /// Tried again by a later pass.
    case failed(String)
}

/// How a provider answered a launch.
package enum LaunchAnswer: Hashable, Sendable {
    case machine(InstanceID)
    case refused(Launch.Refusal.Kind, String)
    case unanswered(String)

    /// Brings the answer into a ledger; false when that launch is not the open one any more.
    package func apply(
        to ledger: inout Ledger, attempt: Int, ordinal: Int, at now: Timestamp
    ) -> Bool {
        guard let position = ledger.attempts.firstIndex(where: { $0.number == attempt }),
            let last = ledger.attempts[position].launches.last, last.ordinal == ordinal,
            !last.isClosed
        else { return false }
        var launch = last
        switch self {
        case .machine(let id): launch.instance = id
        case .unanswered: launch.wasUnanswered = true
        case .refused(let kind, let detail):
            launch.refusal = Launch.Refusal(kind: kind, detail: detail, at: now)
            if kind == .ended || !launch.wasUnanswered { launch.close() }
        }
        ledger.attempts[position].launches[ledger.attempts[position].launches.count - 1] = launch
        return true
    }
}

/// Something worth telling a person or a log, as a value.
package enum Occurrence: Hashable, Sendable {
    /// A plan was made, on these machines.
    case planned(Plan, instances: [Instance])
    case acting(PlannedAction)
    case acted(PlannedAction)
    case actionStale(PlannedAction, String)
    case actionFailed(PlannedAction, String)
    case sourceFailed(SourceFailure)
    case storeFailed(StoreFailure)
    case revisionHeld(String)
    case revisionApplied(Revision)
    case manifestsInvalid(Int)
}
