import CLibGit2
import Glibc
import Training

/// The bare repository that caches a remote one: made when missing, thrown away when damaged or
/// when it holds too many packs.
///
/// Everything in it can be fetched again.
struct CacheFolder {
    let path: String

    /// One cache for each origin below the caller's directory.
    init(below directory: String, origin: String) {
        path = directory + "/" + Digest(of: origin).hex.prefix(16) + ".git"
    }

    var lockPath: String { path + ".lock" }

    /// Opens the cache, or makes it anew; the caller holds the lock.
    func open(atMost packFiles: Int) throws(SourceFailure) -> GitHandle {
        let packs = FileTree.names(path + "/objects/pack").count
        if packs <= packFiles, let repository = openExisting() { return repository }
        // Renamed first: a crash in between leaves no half of a repository under its name.
        let old = path + ".old"
        FileTree.remove(old)
        rename(path, old)
        FileTree.remove(old)
        return try make()
    }

    /// Marks the cache as not to be used again; the next `open` makes it anew.
    func discard() {
        unlink(path + "/HEAD")
    }

    private func openExisting() -> GitHandle? {
        var repository: OpaquePointer?
        guard git_repository_open_bare(&repository, path) == 0, let repository else { return nil }
        return GitHandle(repository, release: git_repository_free)
    }

    private func make() throws(SourceFailure) -> GitHandle {
        var options = git_repository_init_options()
        git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
        options.flags =
            GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
            | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
        return try GitCall.make("make the cache \(path)", release: git_repository_free) {
            git_repository_init_ext(&$0, path, &options)
        }
    }
}
