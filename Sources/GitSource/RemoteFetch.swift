import CLibGit2
import Training

/// Brings one ref of a remote repository into the cache and says which commit it is.
struct RemoteFetch {
    private let cache: ObjectReader
    private let control: FetchControl
    private let remote: GitHandle
    private let isHTTP: Bool

    /// The only ref of the cache: what keeps the newest commit findable for the next negotiation.
    private static let cacheRef = "refs/holdfast/source"

    init(
        _ address: String, isHTTP: Bool, into cache: ObjectReader, _ control: FetchControl
    ) throws(SourceFailure) {
        self.cache = cache
        self.control = control
        self.isHTTP = isHTTP
        remote = try GitCall.make("use \(address)", release: git_remote_free) {
            git_remote_create_anonymous(&$0, cache.repository.pointer, address)
        }
    }

    /// Fetches the ref, or the remote's default branch; downloads nothing that the cache holds.
    func run(ref wanted: String?) throws(SourceFailure) -> ResolvedRef {
        try control.check()
        var callbacks = self.callbacks
        var proxy = git_proxy_options()
        git_proxy_options_init(&proxy, UInt32(GIT_PROXY_OPTIONS_VERSION))
        try control.attempt(
            "connect", or: SourceFailure.unreachable,
            git_remote_connect(remote.pointer, GIT_DIRECTION_FETCH, &callbacks, &proxy, nil))
        defer { git_remote_disconnect(remote.pointer) }

        let choice = try AdvertisedRefs(remote, control).choose(wanted)
        if !cache.holds(choice.id) { try download(choice.name) }
        var tip: OpaquePointer?
        var id = choice.id
        try GitCall.attempt(
            "keep the fetched commit",
            git_reference_create(
                &tip, cache.repository.pointer, RemoteFetch.cacheRef, &id, 1, nil))
        git_reference_free(tip)
        guard let commit = try cache.commit(choice.id) else {
            throw .refNotFound("\(choice.shown) that leads to a commit")
        }
        return ResolvedRef(shown: choice.shown, commit: commit)
    }

    private func download(_ name: String) throws(SourceFailure) {
        var options = git_fetch_options()
        git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
        options.callbacks = callbacks
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.update_fetchhead = 0
        options.prune = GIT_FETCH_NO_PRUNE
        let code = "+\(name):\(RemoteFetch.cacheRef)".withCString { text in
            var specs: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: text)
            return withUnsafeMutablePointer(to: &specs) { pointer in
                var list = git_strarray(strings: pointer, count: 1)
                return git_remote_download(remote.pointer, &list, &options)
            }
        }
        // What the transport did not report is a pack or a cache that does not hold together.
        try control.attempt("fetch", or: SourceFailure.damaged, code)
    }

    private var callbacks: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(control).toOpaque()
        if isHTTP { callbacks.transport = SmartSubtransport.makeTransport }
        callbacks.transfer_progress = { progress, payload in
            guard let progress, let payload else { return -1 }
            let control = Unmanaged<FetchControl>.fromOpaque(payload).takeUnretainedValue()
            do throws(SourceFailure) {
                try control.check()
                guard progress.pointee.received_bytes <= control.limits.packBytes else {
                    throw .tooLarge("the pack is larger than \(control.limits.packBytes) bytes")
                }
                return 0
            } catch {
                control.fail(error)
                return -1
            }
        }
        return callbacks
    }
}
