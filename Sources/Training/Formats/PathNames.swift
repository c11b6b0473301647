extension StringProtocol {
    /// The names of a path between its slashes, without empty ones.
    ///
    /// By bytes, as the file system takes a path apart: a `/` with a combining mark behind it is
    /// another `Character`, and `split` would hide a `..` before it.
    package var pathNames: [String] {
        utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    }
}
