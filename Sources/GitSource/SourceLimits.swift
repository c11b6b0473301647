/// The bounds on what one repository may cost us.
package struct SourceLimits: Hashable, Sendable {
    /// Manifest files at one commit.
    package var files = 50_000
    /// Entries of any kind below the manifests' folder.
    package var entries = 500_000
    /// Bytes of one manifest file.
    package var fileBytes = 1 << 20
    /// Bytes of all manifest files read at once.
    package var totalBytes = 64 << 20
    /// Folders inside each other.
    package var depth = 32
    /// Bytes of one fetch's pack.
    package var packBytes = 1 << 30
    /// Files in the cache's pack folder before the cache is made anew: libgit2 never repacks.
    package var packFiles = 100
    /// One whole fetch.
    package var fetch: Duration = .seconds(300)
    /// How long a server may stay silent.
    package var stall: Duration = .seconds(30)

    package init() {}
}
