import Training

extension CapacityPool {
    /// For people: `g5.xlarge on spot in us-east-1a`.
    var text: String { "\(instanceType) on \(market.rawValue) in \(zone)" }
}

extension Instance {
    /// The supply that it was taken from; nil where the provider has no types of machines.
    var pool: CapacityPool? {
        instanceType.isEmpty
            ? nil
            : CapacityPool(region: region, zone: zone, instanceType: instanceType, market: market)
    }
}
