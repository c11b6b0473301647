import Training

/// What the file system says of one regular file.
package struct FileFacts: Hashable, Sendable {
    /// Relative to the working directory.
    package var path: String
    package var size: Int
    /// Modification time, nanoseconds since 1970.
    package var modified: Int64
    package var inode: UInt64

    package init(path: String, size: Int, modified: Int64, inode: UInt64) {
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
    }
}

/// Files that look like a whole checkpoint and can be committed.
package struct Candidate: Hashable, Sendable {
    /// The file or directory, relative to the working directory.
    package var path: String
    /// Its fingerprint, sorted by path: an equal one is the same checkpoint.
    package var files: [FileFacts]
    /// From the path, for people.
    package var step: Int?

    package init(path: String, files: [FileFacts], step: Int? = nil) {
        self.path = path
        self.files = files
        self.step = step
    }

    /// The latest modification time of its files, nanoseconds since 1970.
    package var newest: Int64 { files.map(\.modified).max() ?? 0 }
    package var size: Int { files.reduce(0) { $0 + $1.size } }

    /// Whether one of its files is not as it was seen.
    func hasChanged(in work: any CheckpointFiles) -> Bool {
        files.contains { facts in
            guard let status = try? work.status(facts.path) else { return true }
            return !status.isOf(facts)
        }
    }

    /// Where one of its files stands inside it; the name of a checkpoint that is a file itself.
    func inside(_ file: String) -> String {
        file == path ? file.pathNames.last ?? file : String(file.dropFirst(path.count + 1))
    }
}

/// What one scan of a working directory saw, complete or not.
package struct Look: Hashable, Sendable {
    /// Sorted by path.
    package var found: [Found]

    package struct Found: Hashable, Sendable {
        package var candidate: Candidate
        /// Why it is no checkpoint as it stands; nil when nothing speaks against it.
        package var flaw: String?

        package init(candidate: Candidate, flaw: String?) {
            self.candidate = candidate
            self.flaw = flaw
        }
    }

    package init(found: [Found]) {
        self.found = found
    }
}
