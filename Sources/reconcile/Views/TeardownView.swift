import Planning
import Reconciliation
import Training

/// How the end of a scope went.
struct Teardown: Hashable, Sendable {
    /// A region that could not be read, and why.
    struct UnreadRegion: Hashable, Sendable, Encodable {
        var region: String
        var reason: String
    }

    var scope: String
    /// Nothing is left: every region was read, and the last plan had nothing to do or to wait for.
    var isComplete: Bool
    /// Machines that have not ended yet, our own ones.
    var left: [InstanceID]
    /// Machines that bear the scope's tag and are not ours: left alone.
    var foreign: [InstanceID]
    /// Where machines may live that nobody saw.
    var unread: [UnreadRegion]
    /// What is still to be done or waited for, for people.
    var reasons: [String]

    init(scope: String, result: ReconcileResult) {
        self.scope = scope
        let foreign = Set(result.plan?.foreign.map(\.instance) ?? [])
        self.foreign = foreign.sorted()
        left = result.instances.filter { $0.state != .terminated && !foreign.contains($0.id) }
            .map(\.id).sorted()
        unread = result.unknownRegions.sorted { $0.key < $1.key }
            .map { UnreadRegion(region: $0.key, reason: $0.value) }
        isComplete = result.isConverged && left.isEmpty && unread.isEmpty
        let waiting = (result.plan?.inactions ?? []).filter { $0.reason != .declaredTerminated }
        let open = result.plan?.visibleActions ?? []
        reasons =
            waiting.map { "\($0.run): \($0.reason)" }
            + open.map { "\($0.run): \($0.verb.rawValue): \($0.reason)" }
    }
}

struct TeardownView: View {
    /// What became of the scope's checkpoints, logs and records.
    enum Data: Hashable, Sendable {
        case kept
        /// They were to go, and are still needed.
        case refused
        case deleted(objects: Int)
    }

    var teardown: Teardown
    var data: Data

    struct Document: Encodable {
        var kind = "Teardown"
        var version = 1
        var scope: String
        var isComplete: Bool
        var left: [InstanceID]
        var unread: [Teardown.UnreadRegion]
        var foreign: [InstanceID]
        var deletedObjects: Int?
    }

    var document: Document {
        var document = Document(
            scope: teardown.scope, isComplete: teardown.isComplete, left: teardown.left,
            unread: teardown.unread, foreign: teardown.foreign)
        if case .deleted(let objects) = data { document.deletedObjects = objects }
        return document
    }

    func text(_ style: TextStyle) -> String {
        var lines = teardown.isComplete ? [] : unfinished
        if teardown.isComplete { lines.append("Scope \(teardown.scope): no machine is left.") }
        switch data {
        case .kept where teardown.isComplete:
            lines.append("Checkpoints and records are kept; --delete-data deletes them.")
        case .kept: break
        case .refused: lines.append("No data was deleted: what is left may need it.")
        case .deleted(let objects):
            lines.append(
                "\(objects) objects are deleted. Older versions of them, in a bucket that keeps "
                    + "versions, and parts of unfinished uploads cost on until they are deleted "
                    + "there or expire by the bucket's rules.")
        }
        if !teardown.foreign.isEmpty {
            lines.append(
                "Not ours, though they bear the scope's tag: "
                    + teardown.foreign.map(\.text).joined(separator: ", "))
        }
        return lines.map { style.wrapped($0, indent: 0) }.joined(separator: "\n")
    }

    private var unfinished: [String] {
        let left = teardown.left.map(\.text).joined(separator: ", ")
        var lines = ["Scope \(teardown.scope): not done yet" + (left.isEmpty ? "." : ": \(left)")]
        lines += teardown.unread.map { unread in
            "  \(unread.region) could not be read, machines may live there: \(unread.reason)"
        }
        lines += teardown.reasons.map { "  \($0)" }
        lines.append("Run it again to go on.")
        return lines
    }
}
