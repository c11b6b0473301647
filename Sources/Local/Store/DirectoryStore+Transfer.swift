import Glibc
import Processes
package import Training

/// Whole files and whole listings.
extension DirectoryStore {
    @concurrent
    @discardableResult
    package func upload(
        file source: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        let key = try legal(key)
        let staged = try StagedFile.make(in: temporaryPath)
        let (_, digest) = try await hashedCopy(source, upTo: .max) { (bytes) throws(FileFailure) in
            try staged.write(bytes)
        }
        guard digest == sha256 else {
            throw .corrupt(key: key.text, detail: "\(source) has other bytes than promised")
        }
        return try await commit(staged, as: key, if: condition)
    }

    @concurrent
    package func download(
        _ key: String, to target: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        let key = try legal(key)
        let temporary = "\(target).tmp-\(FileSystem.randomName())"
        defer { _ = try? FileSystem.remove(temporary) }
        guard try await head(key.text) != nil else {
            throw .corrupt(key: key.text, detail: "the object is missing")
        }
        let file = try created(temporary)
        let (count, digest) = try await hashedCopy(filePath(of: key), upTo: size) {
            (bytes) throws(FileFailure) in
            try file.write(bytes)
        }
        guard count == size, digest == sha256 else {
            let detail = count == size ? "its digest differs" : "its size differs from \(size)"
            throw .corrupt(key: key.text, detail: detail)
        }
        do throws(FileFailure) {
            try file.synchronize()
            try FileSystem.rename(temporary, to: target)
        } catch {
            throw StoreFailure(error)
        }
    }

    @concurrent
    package func list(prefix: String, limit: Int) async throws(StoreFailure) -> [StoredSummary] {
        let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        if !folder.isEmpty { _ = try ObjectKey(folder) }
        var found: [StoredSummary] = []
        var pending = [folder]
        do throws(FileFailure) {
            while let folder = pending.popLast() {
                for name in try FileSystem.list(folder.isEmpty ? path : "\(path)/\(folder)") ?? [] {
                    let key = folder.isEmpty ? name : "\(folder)/\(name)"
                    guard name != Self.hiddenName || !folder.isEmpty else { continue }
                    guard key.hasPrefix(prefix) || prefix.hasPrefix(key + "/") else { continue }
                    let status = try FileSystem.status("\(path)/\(key)", followsLinks: false)
                    guard let status else { continue }
                    if status.kind == .directory { pending.append(key) }
                    guard status.kind == .file, key.hasPrefix(prefix) else { continue }
                    found.append(
                        StoredSummary(
                            key: key, size: status.size, etag: status.etag,
                            lastModified: status.modifiedTime))
                    guard found.count <= limit else {
                        throw FileFailure("hold", path, code: EFBIG)
                    }
                }
            }
        } catch {
            if error.code == EFBIG { throw .tooLarge(key: prefix, limit: limit) }
            throw StoreFailure(error)
        }
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func created(_ path: String) throws(StoreFailure) -> OpenFile {
        do throws(FileFailure) { return try OpenFile(path, .create) } catch {
            throw StoreFailure(error)
        }
    }
}
