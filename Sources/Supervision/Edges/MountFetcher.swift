import Glibc
import Logging
import Processes
import Synchronization
import Training

/// Brings the objects of `file_mounts` to their paths, each mount as a whole.
///
/// What an earlier attempt on this disk fetched stays while its listing is the same.
struct MountFetcher: Sendable {
    /// Files at once; each is fetched in parallel parts already.
    private static let parallel = 8
    /// From one word of progress to the next.
    private static let telling: Seconds = 10
    /// Where nothing is mounted: a file there could become a part of the system, which runs as
    /// root.
    private static let system = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin",
        "/sys", "/usr",
    ]

    let source: any MountSource
    let disk: MachineDisk
    /// To whom the files belong; nil: to this process.
    let account: Account?
    let clock: any WallClock
    let logger: Logger
    let tell: @Sendable (String) -> Void

    /// What stands at a mount's path, by the name of its record.
    private struct Record: Hashable, Codable {
        var mount: FileMount
        var listing: Digest
        /// See `MountFetcher.digest`; nil in records of agents that did not take it.
        var content: Digest?
    }

    /// What was listed, and has to be fetched.
    private struct Wanted: Sendable {
        var mount: FileMount
        var place: any MountedPlace
        var objects: [MountedObject]
        var listing: Digest

        var size: Int { objects.reduce(0) { $0 + $1.size } }
        /// The location names one object: the path is its file, not a folder.
        var isOneFile: Bool { objects.count == 1 && objects[0].key == mount.source.prefix }
    }

    /// Fetches them all; what is under way when `span` has passed is given up.
    ///
    /// Ends with `.failed` where a later try may do better.
    func fetch(_ mounts: [FileMount], within span: Duration) async -> StepResult {
        await withTaskGroup(of: StepResult?.self) { group in
            group.addTask { await fetch(mounts) }
            group.addTask {
                // Cancelled: the mounts have ended.
                do { try await clock.sleep(for: span) } catch { return nil }
                return .failed("not all there after \(span)")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failed("cancelled")
        }
    }

    private func fetch(_ mounts: [FileMount]) async -> StepResult {
        var wanted: [Wanted] = []
        for mount in mounts {
            switch await look(at: mount) {
            case .success(let listed): if let listed { wanted.append(listed) }
            case .failure(let refusal): return refusal.result
            }
        }
        let progress = MountProgress(
            total: wanted.reduce(0) { $0 + $1.size }, every: MountFetcher.telling, clock: clock,
            tell: tell)
        for wanted in wanted {
            do throws(Refusal) {
                try await fetch(wanted, progress)
            } catch {
                return error.result
            }
        }
        return .done
    }

    private struct Refusal: Error {
        var result: StepResult

        init(_ mount: FileMount, _ detail: String, isLasting: Bool) {
            let text = "\(mount.path) from \(mount.source): \(detail)"
            result = isLasting ? .invalid(text) : .failed(text)
        }

        init(_ mount: FileMount, _ failure: StoreFailure) {
            switch failure {
            // An object that was replaced meanwhile is listed anew.
            case .unavailable, .conditionFailed, .corrupt:
                self.init(mount, "\(failure)", isLasting: false)
            case .denied, .tooLarge, .local: self.init(mount, "\(failure)", isLasting: true)
            }
        }

        init(_ mount: FileMount, _ failure: FileFailure) {
            self.init(mount, "\(failure)", isLasting: true)
        }
    }

    // MARK: What is there

    /// Nil: it is there already.
    private func look(at mount: FileMount) async -> Result<Wanted?, Refusal> {
        guard MountFetcher.mayHold(mount.path) else {
            return .failure(
                Refusal(mount, "nothing is mounted into the system's folders", isLasting: true))
        }
        do throws(StoreFailure) {
            let place = try await source.open(mount.source)
            let objects = try await place.objects()
            let lines = objects.map { "\($0.name) \($0.size) \($0.etag)" }
            let listing = Digest(of: lines.joined(separator: "\n"))
            if let kept = placed(mount, listing) {
                report("mount kept", kept, objects.count)
                return .success(nil)
            }
            return .success(
                Wanted(mount: mount, place: place, objects: objects, listing: listing))
        } catch {
            return .failure(Refusal(mount, error))
        }
    }

    static func mayHold(_ path: String) -> Bool {
        let names = path.pathNames
        guard path.utf8.first == UInt8(ascii: "/"), let first = names.first else { return false }
        return !names.contains("..") && !system.contains("/\(first)")
    }

    private func record(of mount: FileMount) -> String {
        "\(disk.mounts)/\(Digest(of: mount.path)).json"
    }

    private func earlier(_ mount: FileMount) -> Record? {
        let bytes = (try? FileSystem.read(record(of: mount), limit: 64 << 10)) ?? nil
        return bytes.flatMap { try? CanonicalJSON.decode(Record.self, from: $0) }
    }

    /// What stands there since an earlier attempt, where that is what is listed now.
    private func placed(_ mount: FileMount, _ listing: Digest) -> Record? {
        guard let record = earlier(mount), record.mount == mount, record.listing == listing,
            ((try? FileSystem.status(mount.path, followsLinks: false)) ?? nil) != nil
        else { return nil }
        return record
    }

    /// In the agent's log, and for a moment beside the run's phase.
    private func report(
        _ what: Logger.Message, _ record: Record, _ objects: Int, _ more: Logger.Metadata = [:]
    ) {
        let content = record.content.map { "\($0)" } ?? "unknown"
        let metadata: Logger.Metadata = [
            "path": "\(record.mount.path)", "source": "\(record.mount.source)",
            "objects": "\(objects)", "content": "\(content)",
        ]
        logger.info(what, metadata: metadata.merging(more) { $1 })
        tell("file_mounts: \(record.mount.path) is there, \(content)")
    }

    /// The trainer could make a folder of its own, or one that all may change, lead elsewhere
    /// while this process, root, writes there.
    private func refuseOpen(_ folder: String, for mount: FileMount) throws(Refusal) {
        guard account != nil else { return }
        let open: String?
        do throws(FileFailure) {
            open = try MountFetcher.openPart(of: folder)
        } catch {
            throw Refusal(mount, error)
        }
        if let open {
            throw Refusal(
                mount, "\(open) is not this process's alone: mount below folders of root",
                isLasting: true)
        }
    }

    /// The first folder or link on the way to `folder`, as far as it exists, that others than
    /// this process's user may change; nil: none.
    static func openPart(of folder: String, links: Int = 0) throws(FileFailure) -> String? {
        guard links < 16 else { throw FileFailure("resolve", folder, code: ELOOP) }
        var path = ""
        for part in folder.pathNames {
            path += "/\(part)"
            guard let status = try FileSystem.status(path, followsLinks: false) else { return nil }
            if status.owner != geteuid() || status.isOpenToOthers { return path }
            guard status.kind == .symbolicLink else { continue }
            let target = try FileSystem.resolve(path)
            guard mayHold(target) else { return path }
            if let open = try openPart(of: target, links: links + 1) { return open }
        }
        return nil
    }

    // MARK: Fetching

    private func fetch(_ wanted: Wanted, _ progress: MountProgress) async throws(Refusal) {
        let mount = wanted.mount
        let folder = FileSystem.parent(of: mount.path)
        let staging = "\(folder)/.holdfast-\(FileSystem.randomName())"
        defer { _ = try? FileSystem.removeTree(staging) }
        // Before, since folders are made where a link leads; and after, as they stand then.
        try refuseOpen(folder, for: mount)
        do throws(FileFailure) {
            try FileSystem.makeDirectories(folder)
        } catch {
            throw Refusal(mount, error)
        }
        try refuseOpen(folder, for: mount)
        do throws(FileFailure) {
            try FileSystem.makeDirectory(staging)
        } catch {
            throw Refusal(mount, error)
        }
        let began = clock.now()
        var record = Record(mount: mount, listing: wanted.listing)
        do throws(StoreFailure) {
            record.content = try await fetch(wanted, into: staging, progress)
        } catch {
            throw Refusal(mount, error)
        }
        do throws(FileFailure) {
            try place(wanted, from: staging, as: record)
        } catch {
            throw Refusal(mount, error)
        }
        let spent = clock.now().since(began).count
        report(
            "mounted", record, wanted.objects.count,
            ["bytes": "\(wanted.size)", "seconds": "\(spent)"])
    }

    private typealias Fetched = Result<(place: Int, digest: Digest), StoreFailure>

    private func fetch(
        _ wanted: Wanted, into staging: String, _ progress: MountProgress
    ) async throws(StoreFailure) -> Digest {
        let all = await withTaskGroup(
            of: Fetched.self, returning: Result<[Int: Digest], StoreFailure>.self
        ) { group in
            var rest = wanted.objects.indices[...]
            func add() {
                guard let place = rest.popFirst() else { return }
                group.addTask { await fetch(place, of: wanted, into: staging, progress) }
            }
            for _ in 0..<MountFetcher.parallel { add() }
            var digests: [Int: Digest] = [:]
            do throws(StoreFailure) {
                for await fetched in group {
                    let (place, digest) = try fetched.get()
                    digests[place] = digest
                    add()
                }
                return .success(digests)
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        let digests = try all.get()
        return MountFetcher.digest(
            of: wanted.objects.enumerated().compactMap { place, object in
                digests[place].map { (object.name, $0) }
            })
    }

    /// One digest for all bytes of a mount, which a person can take as well: that of what
    /// `sha256sum` prints for the files in the order of their names' bytes.
    static func digest(of files: [(name: String, content: Digest)]) -> Digest {
        let sorted = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return Digest(of: sorted.map { "\($0.content.hex)  \($0.name)\n" }.joined())
    }

    private func fetch(
        _ place: Int, of wanted: Wanted, into staging: String, _ progress: MountProgress
    ) async -> Fetched {
        let object = wanted.objects[place]
        let path = "\(staging)/\(object.name)"
        do throws(FileFailure) {
            try FileSystem.makeDirectories(FileSystem.parent(of: path))
        } catch {
            return .failure(.local("\(error)"))
        }
        do throws(StoreFailure) {
            let digest = try await wanted.place.fetch(object, to: path) { progress.add($0) }
            return .success((place, digest))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Placing

    /// What was there goes only where we had put it, or where it is an empty folder.
    private func place(
        _ wanted: Wanted, from staging: String, as entry: Record
    ) throws(FileFailure) {
        let path = wanted.mount.path
        let record = record(of: wanted.mount)
        if try FileSystem.status(path, followsLinks: false) != nil {
            if earlier(wanted.mount) != nil {
                try FileSystem.remove(record)
                try FileSystem.removeTree(path)
            } else {
                try FileSystem.removeDirectory(path)
            }
        }
        if let account { try FileSystem.give(staging, to: account) }
        let placed = wanted.isOneFile ? "\(staging)/\(wanted.objects[0].name)" : staging
        try FileSystem.rename(placed, to: path)
        try FileSystem.makeDirectories(disk.mounts)
        try FileSystem.write(CanonicalJSON.encode(entry), to: record)
    }
}

/// How many bytes of all mounts are there, told now and then.
final class MountProgress: Sendable {
    private let total: Int
    private let every: Seconds
    private let clock: any WallClock
    private let tell: @Sendable (String) -> Void
    private let state = Mutex<(done: Int, told: Timestamp?)>((0, nil))

    init(
        total: Int, every: Seconds, clock: any WallClock, tell: @escaping @Sendable (String) -> Void
    ) {
        self.total = total
        self.every = every
        self.clock = clock
        self.tell = tell
    }

    func add(_ bytes: Int) {
        let now = clock.now()
        let done: Int? = state.withLock { state in
            state.done += bytes
            guard state.told.map({ $0 + every <= now }) ?? true else { return nil }
            state.told = now
            return state.done
        }
        if let done { tell("file_mounts: \(done >> 20) of \(total >> 20) MiB") }
    }
}
