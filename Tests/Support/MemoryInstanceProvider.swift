package import Training

/// A provider in memory for tests: client tokens as EC2 honours them, a log of its calls, and
/// faults on demand.
package actor MemoryInstanceProvider: InstanceProvider, InstanceProviders {
    package enum Call: Hashable, Sendable {
        case describe
        /// One machine, just before it is touched.
        case inspect(InstanceID)
        case launch(String)
        case start(InstanceID)
        case stop(InstanceID)
        case terminate(InstanceID)
        case tag(InstanceID)
        case console(InstanceID)
        case place(PlacementQuery)
    }

    package enum Fault: Sendable {
        /// Nothing happens, no answer comes.
        case dropped
        /// The call takes effect, but no answer comes.
        case lostReply
    }

    package private(set) var calls: [Call] = []
    package private(set) var instances: [Instance] = []
    /// Whether lists show the machines: EC2's may lag behind a launch.
    private var isVisible = true
    private var requests: [String: LaunchRequest] = [:]
    private var faults: (@Sendable (Call) async -> Fault?)?
    private var placement: @Sendable (PlacementQuery) -> Placement? = { _ in nil }
    private var console: [UInt8]?
    private var capacity: @Sendable (LaunchRequest) -> Bool = { _ in true }

    package init() {}

    package func setFaults(_ decide: (@Sendable (Call) async -> Fault?)?) {
        faults = decide
    }

    package func setVisible(_ isVisible: Bool) {
        self.isVisible = isVisible
    }

    package func setCapacity(_ hasCapacity: @escaping @Sendable (LaunchRequest) -> Bool) {
        capacity = hasCapacity
    }

    package func setPlacement(_ placement: @escaping @Sendable (PlacementQuery) -> Placement?) {
        self.placement = placement
    }

    package func setConsole(_ text: String) {
        console = Array(text.utf8)
    }

    package nonisolated subscript(region: String) -> any InstanceProvider { self }

    package func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        try await answer(.console(id)) { console }
    }

    package func placement(
        for query: PlacementQuery
    ) async throws(ProviderFailure) -> Placement {
        let found: Placement? = try await answer(.place(query)) { placement(query) }
        guard let found else { throw .unsupported("nothing is offered in \(query.region)") }
        return found
    }

    /// Ends a machine as the world would.
    package func set(_ id: InstanceID, _ state: Instance.State, _ reason: String = "") {
        for position in instances.indices where instances[position].id == id {
            instances[position].state = state
            instances[position].stateReason = reason
        }
    }

    /// The machine has ended and is no longer listed; its token is still remembered.
    package func forget(_ id: InstanceID) {
        instances.removeAll { $0.id == id }
    }

    /// As a person does in the console.
    package func retag(_ id: InstanceID, _ tags: [String: String]) {
        for position in instances.indices where instances[position].id == id {
            instances[position].tags.merge(tags) { _, new in new }
        }
    }

    package func plant(_ instance: Instance) {
        instances.append(instance)
    }

    package func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await answer(.describe) {
            isVisible ? instances.filter { $0.tags[Tag.scope] == scope } : []
        }
    }

    package func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await answer(.inspect(id)) { instances.first { $0.id == id } }
    }

    package func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        let call = Call.launch(request.clientToken)
        calls.append(call)
        let fault = await faults?(call)
        if case .dropped = fault { throw .unanswered("dropped") }
        let instance = try launched(request)
        if case .lostReply = fault { throw .unanswered("the reply was lost") }
        return instance
    }

    private func launched(_ request: LaunchRequest) throws(LaunchFailure) -> Instance {
        guard request.userData.utf8.count <= 16 << 10 else {
            throw .rejected("the user data is beyond 16 KiB")
        }
        if let known = requests[request.clientToken] {
            guard known == request else { throw .parametersMismatch }
            let instance = instances.first { $0.clientToken == request.clientToken }
            guard let instance, instance.state != .terminated else { throw .instanceTerminated }
            return instance
        }
        guard capacity(request) else { throw .noCapacity("the pool is dry") }
        requests[request.clientToken] = request
        let instance = Instance(
            id: InstanceID("i-\(instances.count + 1)"), state: .running, market: request.market,
            region: request.region, clientToken: request.clientToken, tags: request.tags,
            launchedAt: Timestamp(milliseconds: 0))
        instances.append(instance)
        return instance
    }

    package func start(_ id: InstanceID) async throws(ProviderFailure) {
        let machine = instances.first { $0.id == id }
        if machine?.state == .stopped, let token = machine?.clientToken,
            let request = requests[token], !capacity(request)
        {
            calls.append(.start(id))
            throw .noCapacity("the pool is dry")
        }
        try await order(.start(id), id) { set(id, .running) }
    }

    package func stop(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(.stop(id), id, where: \.market.canStop) {
            set(id, .stopped, "Client.UserInitiatedShutdown")
        }
    }

    package func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await answer(.terminate(id)) { set(id, .terminated, "Client.UserInitiatedShutdown") }
    }

    package func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        try await order(.tag(id), id) { retag(id, tags) }
    }

    private func order(
        _ call: Call, _ id: InstanceID, where allows: (Instance) -> Bool = { _ in true },
        _ body: () -> Void
    ) async throws(ProviderFailure) {
        try await answer(call) { () throws(ProviderFailure) in
            guard let instance = instances.first(where: { $0.id == id }) else {
                throw .unavailable("there is no machine \(id)")
            }
            guard allows(instance), instance.state != .terminated || call == .tag(id) else {
                throw .unsupported("\(id) is \(instance.state), \(instance.market)")
            }
            body()
        }
    }

    private func answer<Answer: Sendable>(
        _ call: Call, _ body: () throws(ProviderFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        calls.append(call)
        switch await faults?(call) {
        case .dropped: throw .unavailable("dropped")
        case .lostReply:
            _ = try body()
            throw .unavailable("the reply was lost")
        case nil: return try body()
        }
    }
}
