/// Where desired state comes from: a Git repository at a revision.
///
/// Gives bytes, never decodes.
package protocol ManifestSource: Sendable {
    /// Fetches, and resolves the ref to a commit. Throws rather than answer from a stale cache.
    func fetch() async throws(SourceFailure) -> SourceSnapshot

    /// The manifest bytes of a snapshot, only those blobs that `known` does not hold.
    func manifests(
        of snapshot: SourceSnapshot, unless known: Set<String>
    ) async throws(SourceFailure) -> [String: [UInt8]]

    /// How `commit` relates to `ancestor`; `.unknown` in a shallow clone or when one is missing.
    func ancestry(of commit: String, from ancestor: String) async -> Ancestry

    /// The tree id of a directory at the snapshot's commit; nil when it is not a directory there.
    func tree(at path: String, in snapshot: SourceSnapshot) async throws(SourceFailure) -> String?

    /// A deterministic `.tar.gz` of a tree: equal trees give equal bytes. At most `limit` bytes.
    func archive(tree id: String, limit: Int) async throws(SourceFailure) -> [UInt8]
}

/// One commit's manifests, by blob id.
package struct SourceSnapshot: Hashable, Sendable {
    /// The repository's URL, normalised, without credentials: part of the scope's owner.
    package var origin: String
    package var revision: Revision
    /// The folder that holds the manifests, relative to the repository's root.
    package var path: String
    /// Path (relative to the root) and blob id of each `.yaml` and `.yml` file, sorted by path.
    package var files: [File]

    package struct File: Hashable, Sendable {
        package var path: String
        package var blob: String

        package init(path: String, blob: String) {
            self.path = path
            self.blob = blob
        }
    }

    package init(origin: String, revision: Revision, path: String, files: [File]) {
        self.origin = origin
        self.revision = revision
        self.path = path
        self.files = files
    }
}

package enum Ancestry: Hashable, Sendable {
    case same
    /// The commit descends from the ancestor.
    case descends
    case diverged
    case unknown
}

/// Why the desired state could not be read.
///
/// Nothing is planned on one; the scope keeps healing from the specs applied last.
package enum SourceFailure: Error, Hashable, Sendable {
    case unreachable(String)
    case authentication(String)
    case refNotFound(String)
    case emptyRepository
    case pathNotFound(String)
    case tooLarge(String)
    /// A symlink, a submodule or another entry that is never followed.
    case refused(String)
    case damaged(String)
}

extension SourceFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let detail): "the repository cannot be reached: \(detail)"
        case .authentication(let detail): "the repository refuses the credentials: \(detail)"
        case .refNotFound(let ref): "the repository has no ref \(ref)"
        case .emptyRepository: "the repository has no commit"
        case .pathNotFound(let path): "the repository has no folder \(path) at this commit"
        case .tooLarge(let detail): "the repository is beyond a limit: \(detail)"
        case .refused(let detail): "refused: \(detail)"
        case .damaged(let detail): "the repository is damaged: \(detail)"
        }
    }
}
