package import Training

/// Objects of any bucket that a manifest mounts: nothing is known of them beforehand but where they
/// are.
package struct MountSource: Sendable {
    /// An object to fetch.
    package struct Object: Hashable, Sendable {
        /// Below the mount's path; the object's own name where the location names one object.
        package var name: String
        /// Bytes.
        package var size: Int
        fileprivate var place: String
        fileprivate var summary: StoredSummary
    }

    private let location: S3Location
    private let bucket: Bucket
    private let shape: TransferShape

    /// Finds the bucket, in whatever region it is; `near` is the region to ask first.
    package init(
        _ location: S3Location, near region: String, client: AWSClient,
        shape: TransferShape = TransferShape()
    ) async throws(StoreFailure) {
        self.location = location
        self.shape = shape
        bucket = try await Bucket.find(location.bucket, near: region, client: client)
    }

    /// Every object below the location, or the one object that it names, sorted by name.
    ///
    /// Throws `.tooLarge` beyond `limit`, and `.denied` where there is nothing at all, or where a
    /// key cannot be a file's name.
    package func objects(limit: Int = 100_000) async throws(StoreFailure) -> [Object] {
        let base = location.prefix.isEmpty ? "" : location.prefix + "/"
        let listing = ObjectListing(bucket: bucket, prefix: base)
        var objects: [Object] = []
        for summary in try await listing.collect(limit: limit, named: location.description) {
            // The console makes such an object for each folder.
            if summary.key.hasSuffix("/"), summary.size == 0 { continue }
            let name = String(summary.key.dropFirst(base.count))
            _ = try ObjectKey(name)
            objects.append(object(name, summary.key, summary))
        }
        if objects.isEmpty, let object = try await single() { objects = [object] }
        guard !objects.isEmpty else { throw .denied("nothing is at \(location)") }
        return objects
    }

    /// Fetches one object into a new file; gives the digest of what is on the disk then.
    ///
    /// Throws `.corrupt` when the object is no longer the one that was listed. `progress` is told
    /// how many bytes were written since it was last told.
    @concurrent
    package func fetch(
        _ object: Object, to path: String, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws(StoreFailure) -> Digest {
        let download = ObjectDownload(
            bucket: bucket, shape: shape, place: object.place, summary: object.summary)
        var digest = Digest(of: "")
        try await download.run(to: path, progress: progress) { digest = $0 }
        return digest
    }

    private func single() async throws(StoreFailure) -> Object? {
        guard !location.prefix.isEmpty,
            let head = try await ObjectHead.ask(
                bucket, location.prefix, named: location.description)
        else { return nil }
        let name = location.prefix.split(separator: "/").last.map(String.init)
        return object(
            name ?? location.prefix, location.prefix,
            StoredSummary(
                key: location.prefix, size: head.size, etag: head.etag,
                lastModified: head.lastModified))
    }

    private func object(_ name: String, _ place: String, _ summary: StoredSummary) -> Object {
        Object(name: name, size: summary.size, place: place, summary: summary)
    }
}
