/// Where `file_mounts` come from: any bucket of S3; the embedded provider has none.
package protocol MountSource: Sendable {
    /// Finds a location; throws `.denied` where it is not, or may not be read.
    func open(_ location: S3Location) async throws(StoreFailure) -> any MountedPlace
}

/// One location that is mounted.
package protocol MountedPlace: Sendable {
    /// Every object below the location, or the one object that it names, sorted by name; at least
    /// one.
    func objects() async throws(StoreFailure) -> [MountedObject]

    /// Fetches one object into a new file, verifying that it is the one that was listed; gives the
    /// digest of what was written.
    ///
    /// Throws `.corrupt` when it is another now. `progress` is told how many bytes were written
    /// since it was last told.
    func fetch(
        _ object: MountedObject, to path: String, progress: @escaping @Sendable (Int) -> Void
    ) async throws(StoreFailure) -> Digest
}

/// An object to fetch.
package struct MountedObject: Hashable, Sendable {
    /// Below the mount's path; the object's own name where the location names one object.
    package var name: String
    /// In its bucket.
    package var key: String
    /// Bytes.
    package var size: Int
    package var etag: ETag

    package init(name: String, key: String, size: Int, etag: ETag) {
        self.name = name
        self.key = key
        self.size = size
        self.etag = etag
    }
}
