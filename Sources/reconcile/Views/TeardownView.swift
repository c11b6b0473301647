import Planning
import Reconciliation
import Training

/// How the end of a scope went.
struct Teardown: Hashable, Sendable {
    var scope: String
    /// Machines that have not ended yet, our own ones.
    var left: [InstanceID]
    /// Machines that bear the scope's tag and are not ours: left alone.
    var foreign: [InstanceID]
    var reasons: [String]

    init(scope: String, result: ReconcileResult) {
        self.scope = scope
        let foreign = Set(result.plan?.foreign.map(\.instance) ?? [])
        self.foreign = foreign.sorted()
        left = result.instances.filter { $0.state != .terminated && !foreign.contains($0.id) }
            .map(\.id).sorted()
        reasons = (result.plan?.inactions ?? []).filter { $0.reason != .declaredTerminated }
            .map { "\($0.run): \($0.reason)" }
    }

    var isComplete: Bool { left.isEmpty }
}

struct TeardownView: View {
    var teardown: Teardown
    /// Objects; nil: the data was to stay, or is still needed.
    var deleted: Int?

    struct Document: Encodable {
        var kind = "Teardown"
        var version = 1
        var scope: String
        var isComplete: Bool
        var left: [InstanceID]
        var foreign: [InstanceID]
        var deletedObjects: Int?
    }

    var document: Document {
        Document(
            scope: teardown.scope, isComplete: teardown.isComplete, left: teardown.left,
            foreign: teardown.foreign, deletedObjects: deleted)
    }

    func text(_ style: TextStyle) -> String {
        var lines: [String] = []
        if teardown.isComplete {
            lines.append("Scope \(teardown.scope): no machine is left.")
            lines.append(
                deleted.map { "\($0) objects are deleted." }
                    ?? "Checkpoints and records are kept; --delete-data deletes them.")
        } else {
            lines.append(
                "Scope \(teardown.scope): not done yet: "
                    + teardown.left.map(\.text).joined(separator: ", "))
            lines += teardown.reasons.map { "  \($0)" }
            lines.append("Run it again to go on.")
        }
        if !teardown.foreign.isEmpty {
            lines.append(
                "Not ours, though they bear the scope's tag: "
                    + teardown.foreign.map(\.text).joined(separator: ", "))
        }
        return lines.map { style.wrapped($0, indent: 0) }.joined(separator: "\n")
    }
}
