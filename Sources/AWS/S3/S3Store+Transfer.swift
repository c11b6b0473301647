package import Training

/// Whole files.
extension S3Store {
    @concurrent
    @discardableResult
    package func upload(
        file path: String, to key: String, sha256: Digest, if condition: WriteCondition
    ) async throws(StoreFailure) -> StoredReceipt {
        try await FileUpload(path, to: key, of: self, sha256: sha256, if: condition).run()
    }

    @concurrent
    package func download(
        _ key: String, to path: String, size: Int, sha256: Digest
    ) async throws(StoreFailure) {
        guard let summary = try await head(key) else {
            throw .corrupt(key: key, detail: "the object is missing")
        }
        guard summary.size == size else {
            throw .corrupt(key: key, detail: "\(summary.size) bytes, not \(size)")
        }
        let download = ObjectDownload(
            bucket: bucket, shape: shape, place: try place(of: key), summary: summary)
        try await download.run(to: path) { (digest) throws(StoreFailure) in
            guard digest == sha256 else {
                throw .corrupt(key: key, detail: "its digest differs")
            }
        }
    }
}
