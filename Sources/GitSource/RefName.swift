import CLibGit2

/// How people name refs.
enum RefName {
    /// How a commit is shown that was not named by a branch or a tag: its id says the rest.
    static let detached = "HEAD"

    /// The full names that a short one may mean, in Git's order of preference for branches.
    static func candidates(_ name: String) -> [String] {
        name.hasPrefix("refs/") ? [name] : ["refs/heads/" + name, "refs/tags/" + name]
    }

    static func shown(_ name: String) -> String {
        name.hasPrefix("refs/heads/") ? String(name.dropFirst(11)) : name
    }

    /// What git-check-ref-format refuses must not reach a refspec.
    static func isLegal(_ name: String) -> Bool {
        let banned = Set(" ~^:?*[\\".utf8)
        return !name.isEmpty && !name.hasPrefix("-") && !name.hasPrefix("/")
            && !name.hasSuffix("/") && !name.hasSuffix(".") && !name.hasSuffix(".lock")
            && !name.contains("..") && !name.contains("@{") && !name.contains("//")
            && !name.utf8.contains { $0 < 33 || $0 == 127 || banned.contains($0) }
    }
}

/// A ref and the commit that it leads to.
struct ResolvedRef {
    /// As in `Revision.ref`.
    let shown: String
    let commit: git_oid
}
