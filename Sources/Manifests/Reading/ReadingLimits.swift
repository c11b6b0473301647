/// What one manifest file may hold.
///
/// Applied while reading, so that a hostile file costs little.
enum ReadingLimits {
    /// Bytes.
    static let fileSize = 1 << 20
    /// Levels of lists and mappings.
    ///
    /// libyaml is quadratic in the depth of flow collections; its scanner runs at most 1,024
    /// characters ahead of the events (the longest simple key), so that stopping at the events is
    /// soon enough.
    static let depth = 64
    /// Values and keys of one file, each alias counted as often as it is used.
    static let nodes = 10_000
    static let documents = 1_000
    /// Findings that are shown of one file; the rest is counted.
    static let findings = 100
    /// Unicode scalars of a key.
    static let key = 256
}
