import CLibGit2
import Training

/// A repository on this machine that is read in place: a work tree, a bare one, a linked work
/// tree, or a shallow clone as CI makes it.
struct LocalRepository {
    private let reader: ObjectReader
    private var repository: OpaquePointer { reader.repository.pointer }

    /// Opens the repository that `path` is in; what the work tree holds does not matter.
    static func open(_ path: String) throws(SourceFailure) -> ObjectReader {
        var repository: OpaquePointer?
        let code = git_repository_open_ext(
            &repository, path, GIT_REPOSITORY_OPEN_CROSS_FS.rawValue, nil)
        if code == GIT_ENOTFOUND.rawValue {
            throw .unreachable("\(path) is not in a Git repository")
        }
        try GitCall.attempt("open \(path)", code)
        guard let repository else { throw .damaged("cannot open \(path)") }
        return try ObjectReader(GitHandle(repository, release: git_repository_free))
    }

    init(_ reader: ObjectReader) {
        self.reader = reader
    }

    /// The repository's identity: its `origin` remote where it has one, else its own path.
    var origin: String {
        let folder = git_repository_commondir(repository).map { String(cString: $0) } ?? "/"
        let own = OriginURL.ofPath(folder)
        var configuration: OpaquePointer?
        guard git_repository_config_snapshot(&configuration, repository) == 0 else { return own }
        defer { git_config_free(configuration) }
        var value: UnsafePointer<CChar>?
        guard git_config_get_string(&value, configuration, "remote.origin.url") == 0, let value,
            value[0] != 0
        else { return own }
        let base = git_repository_workdir(repository).map { String(cString: $0) } ?? folder
        return OriginURL.normalised(String(cString: value), base: base)
    }

    /// The commit of a branch, a tag, a commit id, or HEAD's branch.
    func resolve(_ wanted: String?) throws(SourceFailure) -> ResolvedRef {
        guard let wanted, wanted != "HEAD" else { return try resolveHead() }
        for candidate in RefName.candidates(wanted) + ["refs/remotes/origin/" + wanted] {
            var id = git_oid()
            if git_reference_name_to_id(&id, repository, candidate) == 0 {
                return try resolved(id, shown: RefName.shown(wanted))
            }
        }
        if let id = git_oid(hex: wanted), reader.holds(id) {
            return try resolved(id, shown: RefName.detached)
        }
        if try isEmpty() { throw .emptyRepository }
        throw .refNotFound(wanted)
    }

    private func resolveHead() throws(SourceFailure) -> ResolvedRef {
        var head: OpaquePointer?
        let code = git_repository_head(&head, repository)
        guard code != GIT_EUNBORNBRANCH.rawValue, code != GIT_ENOTFOUND.rawValue else {
            if try isEmpty() { throw .emptyRepository }
            throw .refNotFound("HEAD (its branch has no commit; name a branch)")
        }
        try GitCall.attempt("read HEAD", code)
        guard let head, let name = git_reference_name(head), let id = git_reference_target(head)
        else { throw .damaged("HEAD leads nowhere") }
        defer { git_reference_free(head) }
        return try resolved(id.pointee, shown: RefName.shown(String(cString: name)))
    }

    /// Whether there is no ref at all.
    ///
    /// `git_repository_is_empty` also wants HEAD to bear libgit2's own default branch name.
    private func isEmpty() throws(SourceFailure) -> Bool {
        var names = git_strarray()
        try GitCall.attempt("list the refs", git_reference_list(&names, repository))
        defer { git_strarray_dispose(&names) }
        return names.count == 0
    }

    private func resolved(_ id: git_oid, shown: String) throws(SourceFailure) -> ResolvedRef {
        guard let commit = try reader.commit(id) else {
            throw .refNotFound("\(shown) that leads to a commit")
        }
        return ResolvedRef(shown: shown, commit: commit)
    }
}
