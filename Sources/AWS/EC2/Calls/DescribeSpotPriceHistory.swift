package import Training

extension EC2 {
    /// What Linux machines cost on spot now, by type and zone.
    package struct DescribeSpotPriceHistory: EC2List {
        package typealias Item = SpotPrice

        package static let action = "DescribeSpotPriceHistory"
        package var types: [String]
        /// Prices that hold at this time or later, so the present gives each pool's last one.
        package var since: Timestamp

        package init(types: [String], since: Timestamp) {
            self.types = types
            self.since = since
        }

        package func add(to form: inout QueryForm) {
            form.add("InstanceType", list: types)
            form.add("ProductDescription", list: ["Linux/UNIX"])
            form.add("StartTime", since.description)
            form.add("MaxResults", 1_000)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [SpotPrice] {
            try root.read("spotPriceHistorySet") { item throws(AWSFailure) in
                guard let price = Dollars(try item.required("spotPrice")),
                    let time = Timestamp(try item.required("timestamp"))
                else { throw .malformed("\(action): a price or a time that is none") }
                return SpotPrice(
                    type: try item.required("instanceType"),
                    zone: try item.required("availabilityZone"), price: price, since: time)
            }
        }
    }

    /// A pool's price from a moment on.
    package struct SpotPrice: Hashable, Sendable {
        package var type: String
        package var zone: String
        /// An hour.
        package var price: Dollars
        package var since: Timestamp
    }
}
