/// What a run needs of one region, as a question to its provider.
package struct PlacementQuery: Hashable, Sendable {
    package var region: String
    /// Empty: every zone.
    package var zones: [String]
    /// Empty: the region's default subnets.
    package var subnets: [String]
    /// Nil: the current Deep Learning image.
    package var image: ImageReference?
    /// Those of this region, in the manifest's order.
    package var choices: [MachineChoice]
    /// Which markets are priced.
    package var markets: [Market]

    package init(
        region: String, zones: [String], subnets: [String], image: ImageReference?,
        choices: [MachineChoice], markets: [Market]
    ) {
        self.region = region
        self.zones = zones
        self.subnets = subnets
        self.image = image
        self.choices = choices
        self.markets = markets
    }
}

/// The supply behind an offering: it runs dry and recovers on its own.
package struct CapacityPool: Hashable, Sendable, Codable {
    package var region: String
    package var zone: String
    package var instanceType: String
    package var market: Market

    package init(region: String, zone: String, instanceType: String, market: Market) {
        self.region = region
        self.zone = zone
        self.instanceType = instanceType
        self.market = market
    }

    /// The part of the type that quotas are counted by: `g5` of `g5.xlarge`.
    package var family: Substring { instanceType.prefix { $0 != "." } }
}

/// An instance type in a zone on a market at a price.
package struct Offering: Hashable, Sendable {
    package var pool: CapacityPool
    package var subnet: String
    /// USD an hour now; nil when no price is known.
    package var price: Dollars?
    /// What the same machine costs on demand; nil when no price is known.
    package var onDemandPrice: Dollars?
    /// Which choices of the manifest it meets: the first one's position in the query.
    package var choice: Int

    package init(
        pool: CapacityPool, subnet: String, price: Dollars?, onDemandPrice: Dollars?, choice: Int
    ) {
        self.pool = pool
        self.subnet = subnet
        self.price = price
        self.onDemandPrice = onDemandPrice
        self.choice = choice
    }
}

/// What a region offers for a query.
package struct Placement: Hashable, Sendable {
    package var image: MachineImage
    /// Sorted by zone and type; empty when nothing meets the query.
    package var offerings: [Offering]

    package init(image: MachineImage, offerings: [Offering]) {
        self.image = image
        self.offerings = offerings
    }
}

/// An image as it was resolved: the same for all attempts of a run that ask for it the same way.
package struct MachineImage: Hashable, Sendable, Codable {
    package var id: String
    /// What it was resolved from; nil: the current Deep Learning image.
    package var reference: ImageReference?
    /// The name of its root device, such as `/dev/sda1`: a launch that names another makes a
    /// second volume.
    package var rootDevice: String
    /// GiB; a root volume cannot be smaller.
    package var rootSize: Int

    package init(id: String, reference: ImageReference?, rootDevice: String, rootSize: Int) {
        self.id = id
        self.reference = reference
        self.rootDevice = rootDevice
        self.rootSize = rootSize
    }
}
