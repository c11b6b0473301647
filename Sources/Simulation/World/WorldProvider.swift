import Training

/// The regions of EC2 as one process of the world reaches them.
struct WorldProviders: InstanceProviders {
    let world: World
    let process: ProcessID

    subscript(region: String) -> any InstanceProvider {
        WorldProvider(world: world, process: process, region: SimulatedProvider(region: region))
    }
}

/// EC2 in one region as one process of the world reaches it.
struct WorldProvider: InstanceProvider {
    let world: World
    let process: ProcessID
    let region: SimulatedProvider

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await read(.machines(region: region.region), .describe) {
            [region] state throws(ProviderFailure) in
            try region.describe(scope: scope, in: &state.cloud, at: state.now)
        }
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await read(.machine(id), .look) { [region] state throws(ProviderFailure) in
            try region.describe(instance: id, in: &state.cloud, at: state.now)
        }
    }

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        try await world.call(
            .compute(.launch, region: region.region), by: process, lost: .unanswered("no answer")
        ) { [region, process] state throws(LaunchFailure) in
            let instance = try region.launch(request, in: &state.cloud, at: state.now)
            state.note(.launched(instance, request), by: process)
            return instance
        }
    }

    func start(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(.start, id) { [region] state throws(ProviderFailure) in
            try region.start(id, in: &state.cloud, at: state.now)
        }
    }

    func stop(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(.stop, id) { [region] state throws(ProviderFailure) in
            try region.stop(id, in: &state.cloud, at: state.now)
        }
    }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(.terminate, id) { [region] state throws(ProviderFailure) in
            try region.terminate(id, in: &state.cloud, at: state.now)
        }
    }

    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        try await order(.tag, id) { [region] state throws(ProviderFailure) in
            try region.tag(id, tags, in: &state.cloud, at: state.now)
        }
    }

    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        try await call(.console) { [region] state throws(ProviderFailure) in
            try region.consoleOutput(of: id, in: &state.cloud, at: state.now)
        }
    }

    func placement(for query: PlacementQuery) async throws(ProviderFailure) -> Placement {
        try await call(.placement) { [region] state throws(ProviderFailure) in
            try region.placement(for: query, in: &state.cloud, at: state.now)
        }
    }

    /// The witnesses see an order before it takes effect.
    private func order(
        _ verb: PortCall.ComputeVerb, _ id: InstanceID,
        _ body: @escaping @Sendable (inout WorldState) throws(ProviderFailure) -> Void
    ) async throws(ProviderFailure) {
        try await call(verb) { [process] state throws(ProviderFailure) in
            state.note(.ordered(verb, id), by: process)
            try body(&state)
        }
    }

    private func read<Answer: Sendable>(
        _ reading: WorldFact.Reading, _ verb: PortCall.ComputeVerb,
        _ body: @escaping @Sendable (inout WorldState) throws(ProviderFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        try await world.read(
            reading, .compute(verb, region: region.region), by: process,
            lost: .unavailable("no answer"), body)
    }

    private func call<Answer: Sendable>(
        _ verb: PortCall.ComputeVerb,
        _ body: @escaping @Sendable (inout WorldState) throws(ProviderFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        try await world.call(
            .compute(verb, region: region.region), by: process, lost: .unavailable("no answer"),
            body)
    }
}
