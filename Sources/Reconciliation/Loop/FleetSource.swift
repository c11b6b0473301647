package import Training

/// Where the desired fleet comes from: a repository's manifests, decoded.
///
/// Wired in the executable from a `ManifestSource` and the manifest decoder.
package protocol FleetSource: Sendable {
    /// Fetches and decodes. `applied` is the revision whose relation to the fetched one is asked.
    func fetch(since applied: Revision?) async throws(SourceFailure) -> FetchedFleet

    /// A deterministic archive of a Git tree, at most `limit` bytes.
    func archive(tree: String, limit: Int) async throws(SourceFailure) -> [UInt8]
}

/// One commit's desired fleet, with all that was wrong with its manifests.
package struct FetchedFleet: Hashable, Sendable {
    package var owner: ScopeRecord.Owner
    package var fleet: DesiredFleet
    package var diagnostics: [Diagnostic]
    /// How the fetched commit relates to the applied one.
    package var ancestry: Ancestry

    package init(
        owner: ScopeRecord.Owner, fleet: DesiredFleet, diagnostics: [Diagnostic],
        ancestry: Ancestry
    ) {
        self.owner = owner
        self.fleet = fleet
        self.diagnostics = diagnostics
        self.ancestry = ancestry
    }
}
