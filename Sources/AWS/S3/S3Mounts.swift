package import Training

/// `file_mounts` from any bucket that the credentials may read, in whatever region it is.
package struct S3Mounts: MountSource {
    private let region: String
    private let client: AWSClient
    private let shape: TransferShape

    /// `near` is the region to ask first.
    package init(near region: String, client: AWSClient, shape: TransferShape = TransferShape()) {
        self.region = region
        self.client = client
        self.shape = shape
    }

    /// Needs `s3:ListBucket` of the bucket.
    package func open(
        _ location: S3Location
    ) async throws(StoreFailure) -> any MountedPlace {
        S3MountedPlace(
            location: location,
            bucket: try await Bucket.find(location.bucket, near: region, client: client),
            shape: shape)
    }
}

/// Objects of any bucket that a manifest mounts: nothing is known of them beforehand but where they
/// are.
private struct S3MountedPlace: MountedPlace {
    /// More objects than this are a mistake, or a matter for another tool.
    private static let limit = 100_000

    let location: S3Location
    let bucket: Bucket
    let shape: TransferShape

    func objects() async throws(StoreFailure) -> [MountedObject] {
        let base = location.prefix.isEmpty ? "" : location.prefix + "/"
        let listing = ObjectListing(bucket: bucket, prefix: base)
        var objects: [MountedObject] = []
        let found = try await listing.collect(
            limit: S3MountedPlace.limit, named: location.description)
        for summary in found {
            // The console makes such an object for each folder.
            if summary.key.hasSuffix("/"), summary.size == 0 { continue }
            let name = summary.name(below: base)
            _ = try ObjectKey(name)
            objects.append(
                MountedObject(
                    name: name, key: summary.key, size: summary.size, etag: summary.etag))
        }
        if objects.isEmpty, let object = try await single() { objects = [object] }
        guard !objects.isEmpty else { throw .denied("nothing is at \(location)") }
        return objects
    }

    @concurrent
    func fetch(
        _ object: MountedObject, to path: String, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> Digest {
        let summary = StoredSummary(
            key: object.key, size: object.size, etag: object.etag,
            lastModified: Timestamp(milliseconds: 0))
        let download = ObjectDownload(
            bucket: bucket, shape: shape, place: object.key, summary: summary)
        return try await download.run(to: path, progress: progress) { _ in }
    }

    private func single() async throws(StoreFailure) -> MountedObject? {
        guard !location.prefix.isEmpty,
            let head = try await ObjectHead.ask(
                bucket, location.prefix, named: location.description)
        else { return nil }
        let name = location.prefix.split(separator: "/").last.map(String.init)
        return MountedObject(
            name: name ?? location.prefix, key: location.prefix, size: head.size, etag: head.etag)
    }
}
