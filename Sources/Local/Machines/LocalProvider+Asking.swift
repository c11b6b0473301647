package import Training

/// What only a cloud has: consoles and offerings.
extension LocalProvider: InstanceProviders {
    /// One place has one provider.
    package subscript(region: String) -> any InstanceProvider { self }

    /// A machine here has no console besides its agent's log.
    package func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? { nil }

    package func placement(
        for query: PlacementQuery
    ) async throws(ProviderFailure) -> Placement {
        throw .unsupported("the embedded provider has no offerings")
    }
}
