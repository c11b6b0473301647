/// The record of a scope: who owns it, and what was applied last.
///
/// `scope.json`, changed only by compare-and-swap. Set to a newer revision *before* the first
/// effect of that revision, so that a pass from an older commit stops.
package struct ScopeRecord: Hashable, Sendable, Codable {
    /// Where the manifests come from.
    ///
    /// Another owner is refused.
    package struct Owner: Hashable, Sendable, Codable, CustomStringConvertible {
        package var origin: String
        package var ref: String
        package var path: String

        package init(origin: String, ref: String, path: String) {
            self.origin = origin
            self.ref = ref
            self.path = path
        }

        package var description: String { "\(origin) \(ref) \(path)" }
    }

    /// A revision and how many were applied before it.
    package struct Applied: Hashable, Sendable, Codable {
        package var revision: Revision
        package var sequence: Int

        package init(revision: Revision, sequence: Int) {
            self.revision = revision
            self.sequence = sequence
        }
    }

    /// A termination that counts in the fuse, kept for an hour.
    package struct Termination: Hashable, Sendable, Codable {
        package var run: RunName
        package var instance: InstanceID
        package var at: Timestamp

        package init(run: RunName, instance: InstanceID, at: Timestamp) {
            self.run = run
            self.instance = instance
            self.at = at
        }
    }

    /// A person's leave to carry out one plan beyond the fuse.
    ///
    /// Used up by it.
    package struct Approval: Hashable, Sendable, Codable {
        /// How long it holds.
        package static let lifetime: Seconds = .hours(1)

        package var plan: String
        package var revision: Revision
        package var expires: Timestamp

        package init(plan: String, revision: Revision, expires: Timestamp) {
            self.plan = plan
            self.revision = revision
            self.expires = expires
        }
    }

    package private(set) var version = 1
    package var serial: Int
    package var writer: String
    package var scope: String
    package var owner: Owner
    package var regions: [String]
    package var applied: Applied?
    /// The runs of the applied revision, by name, with the stored spec of each: what the scope
    /// heals from while no newer revision can be applied.
    package var specs: [AppliedRun]
    /// The profiles of the applied revision, sorted by name; nil: none.
    package var profiles: [Profile]?
    package var terminations: [Termination]
    package var approvals: [Approval]

    /// One run of the applied revision.
    package struct AppliedRun: Hashable, Sendable, Codable {
        package var run: RunName
        package var spec: StoredReference
        package var sourceTree: String?

        package init(run: RunName, spec: StoredReference, sourceTree: String?) {
            self.run = run
            self.spec = spec
            self.sourceTree = sourceTree
        }
    }

    package init(scope: String, owner: Owner, writer: String) {
        self.scope = scope
        self.owner = owner
        self.writer = writer
        serial = 0
        regions = []
        specs = []
        terminations = []
        approvals = []
    }
}

extension ScopeRecord {
    /// Allows exactly `plan` at exactly `revision`, for an hour; older leaves of it are replaced.
    package mutating func approve(_ plan: String, at revision: Revision, now: Timestamp) {
        approvals.removeAll { $0.plan == plan || $0.expires <= now }
        approvals.append(
            Approval(plan: plan, revision: revision, expires: now + Approval.lifetime))
    }
}
