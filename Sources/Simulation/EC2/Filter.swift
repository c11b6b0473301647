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

        /// A value as it stands: `*` and `?` mean only themselves.
        init(_ name: String, exactly value: String) {
            let isPlain = !value.utf8.contains { "*?\\".utf8.contains($0) }
            let escaped = value.map { "*?\\".contains($0) ? "\\\($0)" : String($0) }
            self.init(name, [isPlain ? value : escaped.joined()])
        }
    }

    /// What a filter looks at.
    enum Property<Item> {
        /// Nil: an item that no value fits.
        case one((Item) -> String?)
        case many((Item) -> [String])
    }

    /// Filters made ready, so that ten thousand machines are cheap to look through.
    struct Sieve<Item> {
        private let tests: [(Item) -> Bool]

        /// Refuses a filter that `property` does not know.
        init(
            _ filters: [Filter], property: (String) -> Property<Item>?
        ) throws(CloudFailure) {
            guard filters.count <= 50, filters.allSatisfy({ $0.values.count <= 200 }) else {
                throw CloudFailure(
                    "FilterLimitExceeded", "At most 50 filters with 200 values each.")
            }
            var tests: [(Item) -> Bool] = []
            for filter in filters {
                guard let property = property(filter.name) else {
                    throw .invalid("The filter '\(filter.name)' is invalid")
                }
                guard filter.values.allSatisfy({ $0.utf8.count <= 255 }) else {
                    throw .invalid("The values of filter '\(filter.name)' are too long.")
                }
                guard !filter.values.isEmpty else {
                    throw .invalid("The filter '\(filter.name)' has no value.")
                }
                tests.append(Self.test(property, filter.values.map { Wildcard($0) }))
            }
            self.tests = tests
        }

        private static func test(
            _ property: Property<Item>, _ wanted: [Wildcard]
        ) -> (Item) -> Bool {
            switch property {
            case .one(let value):
                { item in
                    guard let value = value(item) else { return false }
                    return wanted.contains { $0.matches(value) }
                }
            case .many(let values):
                { item in
                    values(item).contains { value in wanted.contains { $0.matches(value) } }
                }
            }
        }

        func passes(_ item: Item) -> Bool {
            tests.allSatisfy { $0(item) }
        }
    }

    /// What an instance filter looks at; nil for a name that the model does not know.
    static func instanceProperty(_ name: String) -> Property<SimulatedInstance>? {
        if name.hasPrefix("tag:") {
            let key = String(name.dropFirst(4))
            return .one { $0.tags[key] }
        }
        switch name {
        case "tag-key": return .many { Array($0.tags.keys) }
        case "instance-id": return .one { $0.id.text }
        case "client-token": return .one { $0.request.clientToken ?? "" }
        case "instance-state-name": return .one { $0.state.rawValue }
        case "instance-state-code": return .one { String($0.state.code) }
        case "instance-lifecycle": return .one { $0.market == .spot ? "spot" : nil }
        case "spot-instance-request-id": return .one { $0.spotRequest }
        case "availability-zone": return .one { $0.pool.zone }
        case "instance-type": return .one { $0.type.name }
        case "image-id": return .one { $0.request.imageID }
        case "subnet-id": return .one { $0.subnet }
        case "vpc-id": return .one { $0.vpc }
        case "reservation-id": return .one { $0.reservation }
        case "key-name": return .one { $0.request.keyName }
        case "private-ip-address": return .one { $0.privateAddress }
        default: return nil
        }
    }
}
