package import Training

/// What machines cost on demand, by region and type.
///
/// AWS gives prices only by a service of its own in three regions, so they are a table.
package struct PriceTable: Hashable, Sendable {
    private var prices: [String: [String: Dollars]]

    init(_ prices: [String: [String: Dollars]]) {
        self.prices = prices
    }

    /// Reads lines of a region, a type and USD an hour, `us-east-1 g5.xlarge 1.006`; what follows
    /// a `#` is for people.
    ///
    /// `place` names the text in errors.
    package init(_ text: String, place: String) throws(PriceFailure) {
        prices = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0.isWhitespace }
            if words.isEmpty { continue }
            guard words.count == 3, AWSPartition(region: String(words[0])) != nil,
                words[1].contains("."), let price = Dollars(String(words[2]))
            else {
                throw PriceFailure(
                    "\(place):\(index + 1): expected a region, an instance type and dollars an "
                        + "hour, such as us-east-1 g5.xlarge 1.006")
            }
            prices[String(words[0]), default: [:]][String(words[1])] = price
        }
    }

    /// An hour on demand; nil where no price is known.
    package func price(of type: String, in region: String) -> Dollars? { prices[region]?[type] }

    /// With the prices of `other` before its own.
    package func overridden(by other: PriceTable) -> PriceTable {
        PriceTable(
            prices.merging(other.prices) { own, others in
                own.merging(others) { _, other in other }
            })
    }
}

/// What is wrong with a table of prices, and where.
package struct PriceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
