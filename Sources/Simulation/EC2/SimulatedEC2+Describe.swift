package import Training

extension SimulatedEC2 {
    package struct DescribeInstances: Hashable, Sendable {
        package var instanceIDs: [InstanceID] = []
        package var filters: [Filter] = []
        /// 5 to 1,000; not together with ids.
        package var maxResults: Int?
        package var nextToken: String?
        package var dryRun = false

        package init() {}
    }

    /// A part of an answer; more follows while there is a token.
    package struct Page<Item: Hashable & Sendable>: Hashable, Sendable {
        package var items: [Item]
        package var nextToken: String?
    }

    /// One page of machines in the order of their ids, ended ones too while they are visible.
    ///
    /// Ids make one unpaged answer, which an unknown one fails. Without `maxResults` a page holds
    /// 1,000, so that a caller who forgets to go on is found out.
    package mutating func describeInstances(
        _ call: DescribeInstances
    ) throws(CloudFailure) -> Page<SimulatedInstance> {
        let isPlain = call.filters.isEmpty && call.maxResults == nil && call.nextToken == nil
        try spend(isPlain ? .describeAll : .describe)
        let sieve = try Sieve(call.filters, property: Self.instanceProperty)
        guard call.instanceIDs.isEmpty else {
            guard call.maxResults == nil && call.nextToken == nil else {
                throw .combination(
                    "The parameter instancesSet cannot be used with the parameter maxResults")
            }
            let machines = try find(call.instanceIDs)
            try refuseIfDry(call.dryRun)
            return Page(items: machines.filter { sieve.passes($0) }, nextToken: nil)
        }
        if let size = call.maxResults, !(5...1000).contains(size) {
            throw .invalid("Value ( \(size) ) for parameter maxResults is invalid. 5 to 1000.")
        }
        var cursor = try Cursor(call.nextToken, filters: call.filters)
        try refuseIfDry(call.dryRun)
        if !cursor.wasEmpty, call.maxResults != nil, !call.filters.isEmpty,
            generator.chance(rules.emptyPage)
        {
            cursor.wasEmpty = true
            return Page(items: [], nextToken: cursor.token)
        }
        return page(after: cursor, size: call.maxResults ?? 1000) { sieve.passes($0) }
    }

    /// One machine by id, as a describe filtered by it gives it: nil for one that is unknown or
    /// not yet visible.
    mutating func look(at id: InstanceID) throws(CloudFailure) -> SimulatedInstance? {
        try spend(.describe)
        guard let machine = instances[id], machine.visibleFrom <= now else { return nil }
        return machine
    }

    private func page(
        after cursor: Cursor, size: Int, where passes: (SimulatedInstance) -> Bool
    ) -> Page<SimulatedInstance> {
        let start = cursor.after.map { last in
            order.partitioningIndex { $0.text > last }
        }
        var items: [SimulatedInstance] = []
        for at in (start ?? 0)..<order.count {
            guard let machine = instances[order[at]], machine.visibleFrom <= now, passes(machine)
            else { continue }
            if items.count == size {
                // There is one more: the page ends before it.
                var next = cursor
                next.after = items.last?.id.text
                next.wasEmpty = false
                return Page(items: items, nextToken: next.token)
            }
            items.append(machine)
        }
        return Page(items: items, nextToken: nil)
    }
}

/// Where a paged describe goes on; its token is opaque and good for the same filters only.
struct Cursor {
    var after: String?
    var wasEmpty: Bool
    private let filters: [SimulatedEC2.Filter]

    /// What the token is good for; worked out only where there is one.
    private var question: String { Self.question(filters) }

    private static func question(_ filters: [SimulatedEC2.Filter]) -> String {
        String(Digest(of: "\(filters)").hex.prefix(16))
    }

    init(_ token: String?, filters: [SimulatedEC2.Filter]) throws(CloudFailure) {
        self.filters = filters
        guard let token else {
            after = nil
            wasEmpty = false
            return
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.question(filters) else {
            throw CloudFailure(
                "InvalidPaginationToken",
                "The specified pagination token is not valid or is expired.")
        }
        wasEmpty = parts[1] == "e"
        after = parts[2].isEmpty ? nil : String(parts[2])
    }

    var token: String { "\(question).\(wasEmpty ? "e" : "f").\(after ?? "")" }
}
