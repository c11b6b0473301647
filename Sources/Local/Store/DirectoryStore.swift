import Glibc
import Processes
package import Training

/// An object store in a directory: the tree of the S3 layout, one file an object.
///
/// Any number of processes of this machine may use it at once. A write becomes visible whole, by a
/// rename, and is on the disk before it is answered; a crash leaves at most a temporary file in a
/// hidden folder. Conditions are checked under a lock per shard of the keys. An ETag names a
/// version: the file's modification time, which every write moves on, its inode and size.
///
/// Unlike in S3 a key cannot exist beside a longer one below it (`a` and `a/b`): refused as
/// `.local`.
package struct DirectoryStore: ObjectStore {
    package let identity: StoreIdentity
    /// Absolute, links resolved.
    package let path: String

    /// Where the store keeps what is not an object.
    static let hiddenName = ".holdfast"
    /// How long a write waits for another process with the same shard of keys.
    static let lockBound = Duration.seconds(10)

    /// Opens the store at a directory, made if needed; removes what crashed writers left.
    package init(path: String) throws(StoreFailure) {
        do throws(FileFailure) {
            try FileSystem.makeDirectories("\(path)/\(Self.hiddenName)/locks")
            try FileSystem.makeDirectories("\(path)/\(Self.hiddenName)/temporary")
            self.path = try FileSystem.resolve(path)
            identity = StoreIdentity(of: "file://\(self.path)")
            try StagedFile.removeLeftovers(in: "\(self.path)/\(Self.hiddenName)/temporary")
        } catch {
            throw StoreFailure(error)
        }
    }

    @concurrent
    package func get(
        _ key: String, limit: Int, unless known: ETag?
    ) async throws(StoreFailure) -> StoredRead? {
        let key = try legal(key)
        do throws(FileFailure) {
            let file = try OpenFile(filePath(of: key), .read, followsLinks: false)
            let status = try file.status()
            guard status.kind == .file else { return nil }
            if status.etag == known { return .unchanged }
            guard status.size <= limit else { throw FileFailure("hold", path, code: EFBIG) }
            let bytes = try file.readAll(limit: limit)
            return .object(
                StoredObject(
                    bytes: bytes, etag: status.etag, lastModified: status.modifiedTime))
        } catch {
            if error.isMissing { return nil }
            if error.code == EFBIG { throw .tooLarge(key: key.text, limit: limit) }
            throw StoreFailure(error)
        }
    }

    package func head(_ key: String) async throws(StoreFailure) -> StoredSummary? {
        let key = try legal(key)
        return try summary(of: key)
    }

    @concurrent
    @discardableResult
    package func put(
        _ key: String, _ bytes: [UInt8], if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        let key = try legal(key)
        let staged = try StagedFile.make(in: temporaryPath)
        do throws(FileFailure) { try staged.write(bytes) } catch { throw StoreFailure(error) }
        return try await commit(staged, as: key, if: condition)
    }

    @concurrent
    package func delete(_ key: String) async throws(StoreFailure) {
        let key = try legal(key)
        guard try summary(of: key) != nil else { return }
        let lock = try await lock(key)
        do throws(FileFailure) {
            let file = filePath(of: key)
            try FileSystem.remove(file)
            try FileSystem.synchronize(directory: FileSystem.parent(of: file))
            removeEmptyDirectories(above: file)
        } catch {
            // The delete of a neighbour, under a lock of its own, took the emptied directory.
            guard error.isMissing else { throw StoreFailure(error) }
        }
        _ = consume lock
    }

    package func serverTime() async throws(StoreFailure) -> Timestamp {
        SystemClock().now()
    }

    /// Makes a staged file the object, if the condition holds at that moment.
    func commit(
        _ staged: borrowing StagedFile, as key: ObjectKey, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        let lock = try await lock(key)
        let current = try summary(of: key)
        switch condition {
        case .always: break
        case .absent:
            guard current == nil else { throw .conditionFailed(key: key.text) }
        case .matches(let etag):
            guard current?.etag == etag else { throw .conditionFailed(key: key.text) }
        }
        do throws(FileFailure) {
            let target = filePath(of: key)
            let previous = try FileSystem.status(target, followsLinks: false)
            let after = previous?.modifiedNanoseconds ?? 0
            let status = try staged.finish(
                modified: max(SystemClock.nanoseconds(), after + 1))
            try move(staged.path, to: target)
            _ = consume lock
            return StoredReceipt(etag: status.etag)
        } catch {
            if error.code == ENOTDIR || error.code == EISDIR || error.code == ENOTEMPTY {
                throw .local(
                    "a key and a key below it cannot both exist in a directory: \(key.text)")
            }
            throw StoreFailure(error)
        }
    }

    /// The key, unless it is illegal or the store's own folder.
    func legal(_ text: String) throws(StoreFailure) -> ObjectKey {
        let key = try ObjectKey(text)
        guard text != Self.hiddenName, !text.hasPrefix(Self.hiddenName + "/") else {
            throw .local("\(Self.hiddenName) is the store's own folder, not a key")
        }
        return key
    }

    func filePath(of key: ObjectKey) -> String { "\(path)/\(key.text)" }

    var temporaryPath: String { "\(path)/\(Self.hiddenName)/temporary" }

    private func summary(of key: ObjectKey) throws(StoreFailure) -> StoredSummary? {
        do throws(FileFailure) {
            let status = try FileSystem.status(filePath(of: key), followsLinks: false)
            guard let status, status.kind == .file else { return nil }
            return StoredSummary(
                key: key.text, size: status.size, etag: status.etag,
                lastModified: status.modifiedTime)
        } catch {
            throw StoreFailure(error)
        }
    }

    /// Which of 256 locks guards the key.
    private func shard(of key: ObjectKey) -> String {
        String(Digest(of: key.text).hex.prefix(2))
    }

    private func lock(_ key: ObjectKey) async throws(StoreFailure) -> FileLock {
        do throws(FileFailure) {
            let path = "\(path)/\(Self.hiddenName)/locks/\(shard(of: key))"
            if let lock = try await FileLock.acquire(path, within: Self.lockBound) { return lock }
        } catch {
            throw StoreFailure(error)
        }
        throw .unavailable("another process holds the lock of \(key.text)")
    }

    /// Renames; a delete that removes emptied directories at the same time only makes us try again.
    private func move(_ source: String, to target: String) throws(FileFailure) {
        let directory = FileSystem.parent(of: target)
        for attempt in 1...16 {
            do throws(FileFailure) {
                try FileSystem.makeDirectories(directory, durably: true)
                try FileSystem.rename(source, to: target)
                return
            } catch {
                guard error.code == ENOENT, attempt < 16 else { throw error }
            }
        }
    }

    private func removeEmptyDirectories(above file: String) {
        var directory = FileSystem.parent(of: file)
        while directory.utf8.count > path.utf8.count {
            guard (try? FileSystem.removeDirectory(directory)) != nil else { return }
            directory = FileSystem.parent(of: directory)
        }
    }
}
