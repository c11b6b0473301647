/// The commit of a checkpoint: `MANIFEST.json`, written last and only if absent.
///
/// The bytes of a checkpoint exist once this object does; it becomes usable through its entry in
/// the index.
package struct CheckpointManifest: Hashable, Sendable, Codable {
    package static let fileLimit = 10_000

    package struct File: Hashable, Sendable, Codable {
        /// Relative to the working directory, where the trainer wrote it.
        package var path: String
        /// The object that holds the bytes; carries a nonce, so that a late upload of an earlier
        /// life overwrites nothing.
        package var key: String
        package var size: Int
        package var sha256: Digest

        package init(path: String, key: String, size: Int, sha256: Digest) {
            self.path = path
            self.key = key
            self.size = size
            self.sha256 = sha256
        }
    }

    package private(set) var version = 1
    package var run: RunName
    package var id: CheckpointID
    package var generation: Int
    package var digest: SpecDigest
    package var step: Int?
    package var parent: CheckpointID?
    /// What `{checkpoint}` stands for: the file or directory, relative to the working directory.
    package var path: String
    /// What it was recognised as, and is looked into as before a resume; nil in a manifest of the
    /// first format.
    package var format: CheckpointFormat?
    /// Sorted by path.
    package var files: [File]
    package var createdAt: Timestamp

    package init(
        run: RunName, id: CheckpointID, generation: Int, digest: SpecDigest, step: Int?,
        parent: CheckpointID?, path: String, format: CheckpointFormat? = nil, files: [File],
        createdAt: Timestamp
    ) {
        self.run = run
        self.id = id
        self.generation = generation
        self.digest = digest
        self.step = step
        self.parent = parent
        self.path = path
        self.format = format
        self.files = files
        self.createdAt = createdAt
    }

    package var size: Int { files.reduce(0) { $0 + $1.size } }
}
