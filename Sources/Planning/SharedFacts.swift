import Training

/// What all runs of one pass share: one object, since each run's situation holds it.
final class SharedFacts {
    let context: FleetContext
    let now: Timestamp
    let revision: Revision
    let sources: [String: SourceArchive]
    let unsentTokens: Set<String>
    let placements: [PlacementQuery: ObservedPlacement]
    let consoles: [InstanceID: String]
    let profiles: [String: Profile]
    let unknownRegions: [String: String]
    /// Supply that was refused a short while ago, to any run.
    let refused: RefusedSupply
    /// A living machine of a run whose tags name another store.
    let elsewhere: [RunName: InstanceID]
    /// Set when nothing may be pruned in this pass, with the reason.
    let pruneBar: InactionReason?
    /// How many runs are silent at once, when that is more than can be believed.
    let sensorFailure: Int?
    /// The checkpoints that other runs' `resume_from` names, by the run they belong to.
    let named: [RunName: Set<CheckpointID>]

    init(
        _ desired: DesiredFleet, _ observed: Observation, _ ownership: Ownership,
        _ context: FleetContext
    ) {
        self.context = context
        now = observed.at
        revision = desired.revision
        sources = observed.sources
        unsentTokens = observed.unsentTokens
        placements = observed.placements
        consoles = observed.consoles
        profiles = desired.profiles
        unknownRegions = observed.unknownRegions
        refused = RefusedSupply(from: observed.runs, at: observed.at)
        elsewhere = ownership.elsewhere
        pruneBar =
            desired.isIncomplete
            ? .incompleteManifests : desired.runs.isEmpty ? .emptyManifests : nil
        sensorFailure = observed.incredibleSilence
        named = SharedFacts.checkpointsNamedByOthers(desired)
    }

    private static func checkpointsNamedByOthers(
        _ desired: DesiredFleet
    ) -> [RunName: Set<CheckpointID>] {
        var named: [RunName: Set<CheckpointID>] = [:]
        for reference in desired.runs.lazy.compactMap(\.spec.resumeFrom) {
            guard let run = reference.run else { continue }
            named[run, default: []].insert(reference.checkpoint)
        }
        return named
    }
}
