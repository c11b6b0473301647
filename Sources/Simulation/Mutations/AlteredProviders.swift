import Training

/// Shows every third machine as terminated an hour after its launch, though it lives.
struct SeesDeath: ProviderWrapper {
    let base: any InstanceProvider

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        let machines = try await base.describe(scope: scope)
        guard let newest = machines.map(\.launchedAt).max() else { return machines }
        return machines.map { altered($0, newest) }
    }

    private func altered(_ machine: Instance, _ now: Timestamp) -> Instance {
        guard machine.state == .running, machine.id.text.utf8.last.map({ $0 % 3 == 0 }) == true,
            now.since(machine.launchedAt) > 60
        else { return machine }
        var machine = machine
        machine.state = .terminated
        machine.stateReason = "Server.SpotInstanceTermination"
        return machine
    }
}

/// Gives each send of a launch a token of its own, and hides that.
struct ForgetsTokens: ProviderWrapper {
    let base: any InstanceProvider
    let sends: Memory<Int>

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        let send = sends.with { sends in
            sends += 1
            return sends
        }
        var altered = request
        altered.clientToken = "\(request.clientToken)-\(send)"
        return original(try await base.launch(altered))
    }

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await base.describe(scope: scope).map(original)
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await base.describe(instance: id).map(original)
    }

    private func original(_ machine: Instance) -> Instance {
        var machine = machine
        machine.clientToken = String(machine.clientToken.prefix { $0 != "-" })
        return machine
    }
}

/// Answers the look before an order from the list.
struct LooksNoMore: ProviderWrapper {
    let base: any InstanceProvider
    let seen: Memory<[InstanceID: Instance]>

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        let machines = try await base.describe(scope: scope)
        seen.with { seen in
            for machine in machines { seen[machine.id] = machine }
        }
        return machines
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        if let machine = seen.with({ $0[id] }) { return machine }
        return try await base.describe(instance: id)
    }
}

/// Takes a list that failed for the one before.
struct AnswersStale: ProviderWrapper {
    let base: any InstanceProvider
    let region: String
    let seen: Memory<[String: [Instance]]>

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        do {
            let machines = try await base.describe(scope: scope)
            seen.with { $0[region] = machines }
            return machines
        } catch {
            guard let known = seen.with({ $0[region] }) else { throw error }
            return known
        }
    }
}

/// Terminates another machine, too.
struct EndsNeighbours: ProviderWrapper {
    let base: any InstanceProvider
    let seen: Memory<[InstanceID]>

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        let machines = try await base.describe(scope: scope)
        seen.with { $0 = machines.filter { $0.state == .running }.map(\.id) }
        return machines
    }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await base.terminate(id)
        guard let other = seen.with({ seen in seen.first { $0 != id } }) else { return }
        try await base.terminate(other)
    }
}

/// Sends no launch.
struct LaunchesNothing: ProviderWrapper {
    let base: any InstanceProvider

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        throw .notSent("the mutation keeps it back")
    }
}
