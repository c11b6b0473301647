/// A state of the manifests: always a commit, shown as `main@sha1:<40 hex>` (Flux RFC-0005).
package struct Revision: Hashable, Sendable, Codable {
    /// The ref as the user named it, without `refs/heads/`.
    ///
    /// `HEAD` for a commit that was named by its id, and where no branch is checked out.
    package var ref: String
    /// The commit's object id, 40 lower-case hexadecimal digits.
    package var commit: String

    package init(ref: String, commit: String) {
        self.ref = ref
        self.commit = commit
    }
}

extension Revision: CustomStringConvertible {
    package var description: String { "\(ref)@sha1:\(commit)" }

    /// For tables: the ref and the first twelve digits.
    package var short: String { "\(ref)@sha1:\(commit.prefix(12))" }
}
