import Planning
import Training

/// A plan that a person read, to be carried out later: refused when anything has moved since.
enum SavedPlan {
    static let sizeLimit = 4 << 20

    static func write(_ plan: Plan, to path: String) throws(CommandFailure) {
        try LocalText.write(
            CanonicalJSON.encode(PlanDocument(plan), pretty: true) + Array("\n".utf8), to: path)
    }

    static func read(_ path: String) throws(CommandFailure) -> PlanDocument {
        guard let bytes = try LocalText.read(path, limit: sizeLimit) else {
            throw CommandFailure(
                "\(path) does not exist", advice: "write it with `reconcile plan --out \(path)`")
        }
        do {
            let document = try CanonicalJSON.decode(PlanDocument.self, from: bytes)
            guard document.kind == PlanDocument.kind, document.version == PlanDocument.version
            else {
                throw CommandFailure(
                    "\(path) is not a plan of version \(PlanDocument.version)",
                    advice: "plan anew with this `reconcile`")
            }
            return document
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(
                "\(path) is not a saved plan",
                advice: "write it with `reconcile plan --out \(path)`")
        }
    }

    /// Why the saved plan is not what would be done now; nil when it is.
    static func staleness(of saved: PlanDocument, against plan: Plan) -> String? {
        let current = PlanDocument(plan)
        if saved.revision.commit != current.revision.commit {
            return "it was made at \(saved.revision), the manifests are at \(current.revision)"
        }
        if saved.sequence != current.sequence {
            return "another revision was applied since it was made"
        }
        if saved.id != current.id {
            return "other machines would be stopped or terminated now"
        }
        if saved.actions.map(\.identity) != current.actions.map(\.identity)
            || saved.blocked.map(\.identity) != current.blocked.map(\.identity)
        {
            return "the fleet has changed since it was made"
        }
        return nil
    }
}

extension PlanDocument.Action {
    /// What makes two actions the same for a person.
    fileprivate var identity: [String] {
        [verb, run.text, "\(attempt ?? 0)", reason.code]
    }
}
