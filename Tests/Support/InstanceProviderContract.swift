package import Training

/// What every conformance of `InstanceProvider` must do, whatever stands behind it.
///
/// Gives what it finds wrong, one line a finding; empty: the provider keeps the port's promises.
/// `request` is one that succeeds; its machine has ended when the check is over.
package struct InstanceProviderContract: Sendable {
    private let provider: any InstanceProvider
    private let request: LaunchRequest
    private let scope: String
    /// How long a machine may take to reach a state.
    private let patience: Duration
    private let clock: any WallClock

    package init(
        _ provider: any InstanceProvider, request: LaunchRequest,
        patience: Duration = .seconds(10), clock: any WallClock = RealClock()
    ) {
        self.provider = provider
        self.request = request
        self.patience = patience
        self.clock = clock
        scope = request.tags[Tag.scope] ?? ""
    }

    package func findings() async -> [String] {
        do {
            let instance = try await provider.launch(request)
            var findings = try await birth(of: instance)
            findings += try await repetition(of: instance)
            findings += try await tags(of: instance)
            if request.market.canStop { findings += try await rest(of: instance) }
            return findings + (try await end(of: instance))
        } catch {
            return ["threw \(error)"]
        }
    }

    private func birth(of instance: Instance) async throws -> [String] {
        var check = Findings()
        check(instance.clientToken == request.clientToken, "the token comes back")
        check(instance.market == request.market, "the market comes back")
        check(instance.region == request.region, "the region comes back")
        let wanted = request.tags.allSatisfy { instance.tags[$0.key] == $0.value }
        check(wanted, "the tags stand from the beginning")
        check(try await reaches(.running, instance.id), "it runs in time")
        let listed = try await provider.describe(scope: scope)
        check(listed.map(\.id) == [instance.id], "its scope lists it and nothing else")
        check(try await provider.describe(scope: scope + "x").isEmpty, "another scope does not")
        let unknown = InstanceID("i-0123456789abcdef0")
        check(try await provider.describe(instance: unknown) == nil, "an unknown id is nil")
        return check.list
    }

    /// The same bytes again, and others under the same token: never a second machine.
    private func repetition(of instance: Instance) async throws -> [String] {
        var check = Findings()
        let again = try await provider.launch(request)
        check(again.id == instance.id, "the same request gives the same machine")
        var other = request
        other.userData += "\n"
        do throws(LaunchFailure) {
            let found = try await provider.launch(other)
            check(found.id == instance.id, "other bytes under the token give no second machine")
        } catch {
            check(error == .parametersMismatch, "other bytes under the token: \(error)")
        }
        check(try await provider.describe(scope: scope).count == 1, "there is one machine")
        return check.list
    }

    private func tags(of instance: Instance) async throws -> [String] {
        var check = Findings()
        try await provider.tag(instance.id, [Tag.intent: "1"])
        let seen = try await eventually {
            try await provider.describe(instance: instance.id)?.tags[Tag.intent] == "1"
        }
        check(seen, "a new tag is seen")
        let tags = try await provider.describe(instance: instance.id)?.tags
        check(tags?[Tag.scope] == scope, "a new tag leaves the others")
        return check.list
    }

    private func rest(of instance: Instance) async throws -> [String] {
        var check = Findings()
        try await provider.stop(instance.id)
        check(try await reaches(.stopped, instance.id), "it stops in time")
        try await provider.stop(instance.id)
        try await provider.start(instance.id)
        check(try await reaches(.running, instance.id), "it runs again in time")
        try await provider.start(instance.id)
        return check.list
    }

    private func end(of instance: Instance) async throws -> [String] {
        var check = Findings()
        try await provider.terminate(instance.id)
        check(try await reaches(.terminated, instance.id), "it ends in time")
        try await provider.terminate(instance.id)
        do throws(LaunchFailure) {
            _ = try await provider.launch(request)
            check(false, "the token of an ended machine gives one")
        } catch {
            check(error == .instanceTerminated, "the token of an ended machine: \(error)")
        }
        return check.list
    }

    // MARK: Waiting

    private func reaches(_ state: Instance.State, _ id: InstanceID) async throws -> Bool {
        try await eventually { try await provider.describe(instance: id)?.state == state }
    }

    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let pause = Duration.milliseconds(50)
        for _ in 0..<Int(patience / pause) {
            if try await condition() { return true }
            try await clock.sleep(for: pause)
        }
        return try await condition()
    }

    private struct Findings {
        var list: [String] = []

        mutating func callAsFunction(_ isTrue: Bool, _ promise: String) {
            if !isTrue { list.append(promise) }
        }
    }
}
