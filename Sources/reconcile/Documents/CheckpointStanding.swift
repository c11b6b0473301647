import Checkpoints
import Planning
import Training

/// A committed checkpoint and what may be done with it.
struct CheckpointStanding: Hashable, Sendable, Codable {
    enum Use: String, Sendable, Codable {
        /// The next attempt goes on from it.
        case next
        case usable
        case quarantined
        case retired
        case offLineage
        case otherGeneration
    }

    var id: CheckpointID
    var step: Int?
    var size: Int
    var committedAt: Timestamp
    var parent: CheckpointID?
    var generation: Int
    /// The running attempt went on from it.
    var isHead: Bool
    var use: Use
    /// Why it is in quarantine.
    var detail: String?
    /// What reading every byte has shown; nil unless that was asked for.
    var verification: Verification?

    /// The answer of an audit, as people and machines read it.
    struct Verification: Hashable, Sendable, Codable {
        enum Result: String, Sendable, Codable {
            case valid
            case invalid
            /// It could not be read, which says nothing about it.
            case unknown
        }

        var result: Result
        /// Why not valid.
        var detail: String?

        init(_ finding: CheckpointAudit.Finding) {
            switch finding {
            case .valid: result = .valid
            case .invalid(let reason): (result, detail) = (.invalid, reason)
            case .unknown(let reason): (result, detail) = (.unknown, reason)
            }
        }

        var isBroken: Bool { result == .invalid }
    }

    /// Every checkpoint of a run, newest first.
    ///
    /// `next` is told for the spec of the newest attempt; a changed manifest may lift a quarantine.
    static func standings(of records: ObservedRun) -> [CheckpointStanding] {
        guard let index = records.index else { return [] }
        let newest = records.ledger?.attempts.last
        let retired = records.ledger?.retired ?? []
        let generation = newest?.generation ?? index.checkpoints.last?.generation ?? 1
        let digest = newest?.digest
        let lineage = Set(index.lineage.map(\.id))
        let candidates = index.candidates(
            generation: generation, digest: digest ?? SpecDigest(text: ""), retired: retired)
        let asked = records.ledger?.operatorResume.flatMap { resume in
            resume.afterAttempt == newest?.number ? resume.from : nil
        }
        let next = asked ?? candidates.first?.id
        return index.checkpoints.reversed().map { checkpoint in
            let quarantine = checkpoint.quarantines.first { $0.digest == digest }
            let use: Use =
                if checkpoint.id == next {
                    .next
                } else if retired.contains(checkpoint.id) {
                    .retired
                } else if checkpoint.generation != generation {
                    .otherGeneration
                } else if quarantine != nil {
                    .quarantined
                } else if !lineage.contains(checkpoint.id) {
                    .offLineage
                } else {
                    .usable
                }
            return CheckpointStanding(
                id: checkpoint.id, step: checkpoint.step, size: checkpoint.size,
                committedAt: checkpoint.committedAt, parent: checkpoint.parent,
                generation: checkpoint.generation,
                isHead: index.head?.checkpoint == checkpoint.id, use: use,
                detail: quarantine?.reason)
        }
    }
}
