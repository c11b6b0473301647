import Training

extension SimulatedEC2 {
    /// A filter of a describe call: any of its values, by AWS's wildcards.
    package struct Filter: Hashable, Sendable {
        package var name: String
        package var values: [String]

        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values
        }
    }

    /// Filters made ready, so that ten thousand machines are cheap to look through.
    struct Sieve<Item> {
        private let tests: [(Item) -> Bool]

        /// Refuses a filter that `property` does not know.
        ///
        /// `property` gives an item's values.
        init(
            _ filters: [Filter], property: (String) -> ((Item) -> [String])?
        ) throws(CloudFailure) {
            guard filters.count <= 50, filters.allSatisfy({ $0.values.count <= 200 }) else {
                throw CloudFailure(
                    "FilterLimitExceeded", "At most 50 filters with 200 values each.")
            }
            var tests: [(Item) -> Bool] = []
            for filter in filters {
                guard let values = property(filter.name) else {
                    throw .invalid("The filter '\(filter.name)' is invalid")
                }
                guard filter.values.allSatisfy({ $0.utf8.count <= 255 }) else {
                    throw .invalid("The values of filter '\(filter.name)' are too long.")
                }
                guard !filter.values.isEmpty else {
                    throw .invalid("The filter '\(filter.name)' has no value.")
                }
                let wanted = filter.values.map { Wildcard($0) }
                tests.append { item in
                    values(item).contains { value in wanted.contains { $0.matches(value) } }
                }
            }
            self.tests = tests
        }

        func passes(_ item: Item) -> Bool {
            tests.allSatisfy { $0(item) }
        }
    }

    /// What an instance filter looks at; nil for a name that the model does not know.
    static func instanceProperty(_ name: String) -> ((SimulatedInstance) -> [String])? {
        if name.hasPrefix("tag:") {
            let key = String(name.dropFirst(4))
            return { $0.tags[key].map { [$0] } ?? [] }
        }
        switch name {
        case "tag-key": return { Array($0.tags.keys) }
        case "instance-id": return { [$0.id.text] }
        case "client-token": return { [$0.request.clientToken ?? ""] }
        case "instance-state-name": return { [$0.state.rawValue] }
        case "instance-state-code": return { [String($0.state.code)] }
        case "instance-lifecycle": return { $0.market == .spot ? ["spot"] : [] }
        case "spot-instance-request-id": return { $0.spotRequest.map { [$0] } ?? [] }
        case "availability-zone": return { [$0.pool.zone] }
        case "instance-type": return { [$0.type.name] }
        case "image-id": return { [$0.request.imageID] }
        case "subnet-id": return { [$0.subnet] }
        case "vpc-id": return { [$0.vpc] }
        case "reservation-id": return { [$0.reservation] }
        case "key-name": return { $0.request.keyName.map { [$0] } ?? [] }
        case "private-ip-address": return { [$0.privateAddress] }
        default: return nil
        }
    }
}
