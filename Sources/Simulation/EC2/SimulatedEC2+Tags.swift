import Training

extension SimulatedEC2 {
    /// Sets tags on machines, volumes and spot requests; describes show them after the rules'
    /// `tagging`.
    ///
    /// An unknown resource fails the call.
    package mutating func createTags(
        _ resources: [String], _ tags: [KeyValue], dryRun: Bool = false
    ) throws(CloudFailure) {
        try spend(.tag)
        guard !resources.isEmpty else { throw .missing("ResourceId") }
        guard !tags.isEmpty else { throw .missing("Tag") }
        let machines = try taggable(resources)
        try Self.checkTags(tags, inMetadata: machines.contains(where: \.metadata.showsTags))
        let set = Self.dictionary(tags)
        for machine in machines {
            guard machine.tags.merging(set, uniquingKeysWith: { $1 }).count <= 50 else {
                throw Self.tagLimit
            }
        }
        try refuseIfDry(dryRun)
        retag(machines, resources, set: set, removed: [])
    }

    /// Takes tags off by key; a key that is not there is no error.
    package mutating func deleteTags(
        _ resources: [String], keys: [String], dryRun: Bool = false
    ) throws(CloudFailure) {
        try spend(.tag)
        let machines = try taggable(resources)
        try refuseIfDry(dryRun)
        retag(machines, resources, set: [:], removed: keys)
    }

    private mutating func retag(
        _ machines: [SimulatedInstance], _ resources: [String], set: [String: String],
        removed: [String]
    ) {
        schedule(
            .showTags(machines.map(\.id), set: set, removed: removed), after: rules.tagging)
        for id in resources where id.hasPrefix("sir-") {
            spotRequests[id]?.tags.merge(set) { $1 }
            for key in removed { spotRequests[id]?.tags[key] = nil }
        }
        // Without a delay the tags show in the very next answer.
        if rules.tagging.upperBound == 0 {
            happened += advance(to: now)
        }
    }

    /// The machines among `resources`; volumes and spot requests must exist.
    private func taggable(_ resources: [String]) throws(CloudFailure) -> [SimulatedInstance] {
        guard resources.count <= 1000 else {
            throw .invalid("At most 1000 resources can be tagged in a call.")
        }
        for id in resources where !id.hasPrefix("i-") {
            if id.hasPrefix("sir-") {
                guard spotRequests[id] != nil else {
                    throw CloudFailure(
                        "InvalidSpotInstanceRequestID.NotFound",
                        "The spot instance request ID '\(id)' does not exist")
                }
            } else if id.hasPrefix("vol-") {
                guard instances.values.contains(where: { $0.rootVolume == id }) else {
                    throw CloudFailure(
                        "InvalidVolume.NotFound", "The volume '\(id)' does not exist.")
                }
            } else {
                throw CloudFailure("InvalidID", "The ID '\(id)' is not valid")
            }
        }
        let ids = resources.filter { $0.hasPrefix("i-") }.map { InstanceID($0) }
        return ids.isEmpty ? [] : try find(ids)
    }
}
