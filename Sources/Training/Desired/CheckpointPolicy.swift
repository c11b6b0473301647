/// How a run's checkpoints look and how many are kept.
package struct CheckpointPolicy: Hashable, Sendable, Codable {
    /// How the trainer writes a checkpoint.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// A file that appears whole, by rename.
        case atomic
        /// One file rewritten in place; it is copied, and the copy is committed.
        case inPlace = "in-place"
        /// A directory, complete when its members are there.
        case directory
    }

    /// What to go on from when the newest checkpoint does not verify.
    package enum OnInvalid: String, Sendable, Codable, CaseIterable {
        /// The one before it on the lineage, and in the end a fresh start.
        case previous
        case fresh
        /// Nothing: a person decides.
        case hold
    }

    /// Glob of files or directories below the working directory.
    package var path: String
    package var kind: Kind
    /// Directory: what must be there.
    package var members: [String]
    /// Directory: the member that the trainer writes last.
    package var last: String?
    /// Globs of names that are never part of a checkpoint.
    package var ignore: [String]
    /// What is verified inside; nil: whatever the content shows it to be.
    package var format: CheckpointFormat?
    /// Regular expression with a group named `step`, searched in the path; for people only.
    package var step: String?
    /// The expected cadence: a new checkpoint is uploaded at most this often, the newest one
    /// wins; a drain uploads at once.
    package var every: Seconds
    /// Remote checkpoints that are kept, at least 2.
    package var keep: Int
    package var onInvalid: OnInvalid

    package init(
        path: String, kind: Kind = .atomic, members: [String] = [], last: String? = nil,
        ignore: [String] = [], format: CheckpointFormat? = nil, step: String? = nil,
        every: Seconds = .minutes(10), keep: Int = 3,
        onInvalid: OnInvalid = .previous
    ) {
        self.path = path
        self.kind = kind
        self.members = members
        self.last = last
        self.ignore = ignore
        self.format = format
        self.step = step
        self.every = every
        self.keep = keep
        self.onInvalid = onInvalid
    }
}
