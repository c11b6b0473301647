package import Training

/// All that the manifest files of one commit declare, and all that is wrong with them.
package struct DecodedManifests: Sendable {
    /// A run with the place of its name.
    package struct DeclaredRun: Hashable, Sendable {
        package var spec: RunSpec
        package var location: SourceLocation
        /// Where `profile`, `resources`, `secrets` and `file_mounts` stand, as far as they do.
        package var places: [String: SourceLocation]

        package init(
            spec: RunSpec, location: SourceLocation, places: [String: SourceLocation] = [:]
        ) {
            self.spec = spec
            self.location = location
            self.places = places
        }
    }

    /// What the files say about the scope.
    package enum DeclaredPolicy: Hashable, Sendable {
        /// No file declares one: the defaults hold.
        case absent
        case declared(ScopePolicy)
        /// A policy is broken, there are several, or an unreadable file may hold one. The scope is
        /// not known: taking the default would be taking another set of machines.
        case unreadable
    }

    /// Sorted by name, each name once.
    ///
    /// A run whose document is refused is not among them.
    package var runs: [DeclaredRun] = []
    package var policy: DeclaredPolicy = .absent
    /// By name, each name once; refused ones are not among them.
    package var profiles: [String: Profile] = [:]
    /// Names of refused documents as far as they can be read, sorted: these runs stay as they are.
    package var brokenNames: [RunName] = []
    /// Sorted by file, line and column.
    package var diagnostics: [Diagnostic] = []
    /// Some document could not be decoded, and it might be any run's: nothing may be pruned.
    package var isIncomplete: Bool { !diagnostics.isEmpty }

    package init() {}
}
