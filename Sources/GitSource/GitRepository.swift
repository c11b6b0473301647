import CLibGit2
package import Training
package import Transport

/// Desired state out of a Git repository: reads objects by id and never checks anything out.
///
/// An actor on a thread of its own, since libgit2 blocks and its objects belong to one thread at a
/// time. Nothing is retried; the next pass fetches again.
package actor GitRepository: ManifestSource {
    /// What an operator chooses; none of it comes from a manifest.
    package struct Options: Sendable {
        package var locator: SourceLocator
        /// A branch, a tag or a commit id; nil: the default branch, or HEAD of a local repository.
        package var ref: String?
        /// The folder of the manifests, relative to the repository's root.
        package var path: String
        /// Where caches of remote repositories go, an absolute path; unused for a local one.
        package var cacheDirectory: String
        package var limits: SourceLimits
        /// Asked at each fetch over HTTP; nil: what stood in the URL, or none.
        package var credential: @Sendable () throws(SourceFailure) -> HTTPCredential?

        package init(
            _ locator: SourceLocator, ref: String? = nil, path: String = "manifests",
            cacheDirectory: String, limits: SourceLimits = SourceLimits(),
            credential: @escaping @Sendable () throws(SourceFailure) -> HTTPCredential? = { nil }
        ) {
            self.locator = locator
            self.ref = ref
            self.path = path
            self.cacheDirectory = cacheDirectory
            self.limits = limits
            self.credential = credential
        }
    }

    let options: Options
    private let path: String
    private let client: HTTPClient?
    private let thread: SerialThread
    /// The repository that was read last; objects of earlier snapshots stay readable in it.
    private var reader: ObjectReader?
    /// A cache that turned out damaged, to be made anew before its next use.
    private var isCacheDamaged = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Checks the options; reads nothing yet.
    ///
    /// `client` is needed for HTTP only.
    package init(_ options: Options, client: HTTPClient?) throws(SourceFailure) {
        guard GitLibrary.isReady else { throw .unreachable("libgit2 does not start") }
        guard let path = SourcePath.inside(options.path) else {
            throw .refused("the manifests' folder must be a relative path without ..")
        }
        if let ref = options.ref, !RefName.isLegal(ref) {
            throw .refused("the ref is not a legal name of a branch or a tag")
        }
        guard options.cacheDirectory.hasPrefix("/") else {
            throw .refused("the cache directory must be an absolute path")
        }
        self.options = options
        self.path = path
        self.client = client
        thread = try SerialThread()
    }

    // MARK: ManifestSource

    package func fetch() async throws(SourceFailure) -> SourceSnapshot {
        let control = FetchControl(
            limits: options.limits, client: client, credential: try credential())
        let result = await withTaskCancellationHandler {
            do throws(SourceFailure) {
                return Result<SourceSnapshot, SourceFailure>.success(try fetch(control))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            control.cancel()
        }
        return try result.get()
    }

    package func manifests(
        of snapshot: SourceSnapshot, unless known: Set<String>
    ) async throws(SourceFailure) -> [String: [UInt8]] {
        try reading(healing: true) { (reader: ObjectReader) throws(SourceFailure) in
            var blobs: [String: [UInt8]] = [:]
            var total = 0
            for file in snapshot.files where !known.contains(file.blob) && blobs[file.blob] == nil {
                guard let id = git_oid(hex: file.blob) else {
                    throw .damaged("\(file.blob) is not an object id")
                }
                let size = try reader.size(ofBlob: id)
                guard size <= options.limits.fileBytes else {
                    throw .tooLarge(
                        "\(file.path) has \(size) bytes; a manifest file has at most "
                            + "\(options.limits.fileBytes)")
                }
                total += size
                guard total <= options.limits.totalBytes else {
                    throw .tooLarge(
                        "the manifests hold more than \(options.limits.totalBytes) bytes")
                }
                blobs[file.blob] = try reader.bytes(ofBlob: id)
            }
            return blobs
        }
    }

    package func ancestry(of commit: String, from ancestor: String) async -> Ancestry {
        guard commit != ancestor else { return .same }
        guard let reader, var child = git_oid(hex: commit), var parent = git_oid(hex: ancestor),
            reader.holds(child), reader.holds(parent)
        else { return .unknown }
        let repository = reader.repository.pointer
        // In a shallow clone the walk ends in an error, or misses what was cut off.
        switch git_graph_descendant_of(repository, &child, &parent) {
        case 1: return .descends
        case 0: return git_repository_is_shallow(repository) == 0 ? .diverged : .unknown
        default: return .unknown
        }
    }

    package func tree(
        at path: String, in snapshot: SourceSnapshot
    ) async throws(SourceFailure) -> String? {
        guard let path = SourcePath.inside(path) else {
            throw .refused("\(path) leaves the repository")
        }
        return try reading { (reader: ObjectReader) throws(SourceFailure) in
            guard let commit = git_oid(hex: snapshot.revision.commit) else {
                throw .damaged("\(snapshot.revision.commit) is not a commit id")
            }
            return try ManifestWalk.folder(path, ofCommit: commit, reader: reader)?.hex
        }
    }

    package func archive(
        tree id: String, limit: Int
    ) async throws(SourceFailure) -> [UInt8] {
        try reading { (reader: ObjectReader) throws(SourceFailure) in
            guard let tree = git_oid(hex: id) else { throw .damaged("\(id) is not a tree id") }
            return try TreeArchive.bytes(ofTree: tree, reader: reader, limit: limit)
        }
    }

    // MARK: On the thread

    private func credential() throws(SourceFailure) -> HTTPCredential? {
        guard case .http = options.locator.place else { return nil }
        return try options.credential() ?? options.locator.credential
    }

    private func fetch(_ control: FetchControl) throws(SourceFailure) -> SourceSnapshot {
        try control.check()
        let (origin, ref) =
            switch options.locator.place {
            case .local(let path): try openLocal(path)
            case .file(let path):
                try update(path, isHTTP: false, origin: OriginURL.ofPath(path), control)
            case .http(let url):
                try update(
                    url.text, isHTTP: true, origin: OriginURL.normalised(url.text, base: "/"),
                    control)
            }
        return try reading(healing: true) { (reader: ObjectReader) throws(SourceFailure) in
            SourceSnapshot(
                origin: origin, revision: Revision(ref: ref.shown, commit: ref.commit.hex),
                path: path,
                files: try ManifestWalk.files(
                    below: path, ofCommit: ref.commit, reader: reader, limits: options.limits))
        }
    }

    /// Opened anew each time, so that packs and refs of other processes are seen.
    private func openLocal(_ path: String) throws(SourceFailure) -> (String, ResolvedRef) {
        let reader = try LocalRepository.open(path)
        self.reader = reader
        let repository = LocalRepository(reader)
        return (repository.origin, try repository.resolve(options.ref))
    }

    private func update(
        _ address: String, isHTTP: Bool, origin: String, _ control: FetchControl
    ) throws(SourceFailure) -> (String, ResolvedRef) {
        let cache = CacheFolder(below: options.cacheDirectory, origin: origin)
        try FileTree.makeDirectory(options.cacheDirectory)
        let lock = try CacheLock(cache.lockPath, control)
        defer { withExtendedLifetime(lock) {} }
        if isCacheDamaged {
            cache.discard()
            isCacheDamaged = false
        }
        let reader = try ObjectReader(try cache.open(atMost: options.limits.packFiles))
        self.reader = reader
        let fetch = try RemoteFetch(address, isHTTP: isHTTP, into: reader, control)
        let ref = try reading(healing: true) { (_: ObjectReader) throws(SourceFailure) in
            try fetch.run(ref: options.ref)
        }
        return (origin, ref)
    }

    /// Reads from the repository of the last fetch.
    ///
    /// `healing`: what is read must be there, so damage makes the next fetch start a new cache.
    private func reading<Value>(
        healing: Bool = false, _ body: (ObjectReader) throws(SourceFailure) -> Value
    ) throws(SourceFailure) -> Value {
        guard let reader else { throw .unreachable("nothing was fetched yet") }
        do {
            return try body(reader)
        } catch {
            if healing, case .damaged = error { isCacheDamaged = true }
            throw error
        }
    }
}
