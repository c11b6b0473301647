package import Training

/// What every conformance of `InstanceProvider` must do, whatever stands behind it.
///
/// Gives what it finds wrong, one line a finding; empty: the provider keeps the port's promises.
/// Its machines have ended when the check is over.
package struct InstanceProviderContract: Sendable {
    /// What a provider does otherwise by its nature; what it does instead is checked.
    package enum Exception: Hashable, Sendable {
        /// Machines are of one kind: every query is unsupported, nothing can run out.
        case noOfferings
        /// Nothing can be made to run out.
        case noShortages
        /// Machines have no console.
        case noConsole
        /// Consoles show the same text whatever is written.
        case fixedConsole
        /// Other bytes under a token give the token's machine, not a mismatch.
        case adoptsOtherBytes
        /// Each launch makes a machine, whatever its token.
        case ignoresTokens
        /// Orders that a machine's state or market forbids succeed, and so does a launch of an
        /// unknown image or type.
        case ignoresRules
    }

    /// Something that a launch needs and that can run out.
    package enum Supply: String, Sendable, CaseIterable {
        case capacity
        case addresses
        case quota
    }

    /// What a test does to the world behind a provider.
    package protocol Backstage: Sendable {
        /// Uses up what launches of the request need, or gives it back.
        func use(up supply: Supply, _ isUsedUp: Bool, of request: LaunchRequest) async throws
        /// As a program on the machine does.
        func write(_ bytes: [UInt8], onConsoleOf id: InstanceID) async throws
    }

    let provider: any InstanceProvider
    let request: LaunchRequest
    let scope: String
    let exceptions: Set<Exception>
    let backstage: (any Backstage)?
    let clock: any WallClock
    /// How long the provider may take to show what it was told.
    private let patience: Duration

    /// `request` is one that succeeds, with at most 50 characters of token and a scope of its own;
    /// `backstage` is needed where things can run out, or machines have consoles.
    package init(
        _ provider: any InstanceProvider, request: LaunchRequest,
        except exceptions: Set<Exception>, backstage: (any Backstage)? = nil,
        patience: Duration = .seconds(10), clock: any WallClock = RealClock()
    ) {
        self.provider = provider
        self.request = request
        self.exceptions = exceptions
        self.backstage = backstage
        self.patience = patience
        self.clock = clock
        scope = request.tags[Tag.scope] ?? ""
    }

    package func findings() async -> [String] {
        var check = Findings()
        do {
            try await refusals(&check)
            try await strangers(&check)
            try await placement(&check)
            let instance = try await provider.launch(request)
            try await birth(of: instance, &check)
            try await repetition(of: instance, &check)
            try await company(of: instance, &check)
            try await tags(of: instance, &check)
            try await console(of: instance, &check)
            try await rest(of: instance, &check)
            try await end(of: instance, &check)
            try await shortages(&check)
            return check.lines
        } catch {
            return check.lines + ["threw \(error)"]
        }
    }

    // MARK: Asking

    func has(_ exception: Exception) -> Bool { exceptions.contains(exception) }

    /// The request under another token.
    func another(_ suffix: String) -> LaunchRequest {
        var other = request
        other.clientToken += suffix
        return other
    }

    func ids() async throws -> [InstanceID] {
        try await provider.describe(scope: scope).map(\.id).sorted()
    }

    func reaches(_ state: Instance.State, _ id: InstanceID) async throws -> Bool {
        try await eventually { try await provider.describe(instance: id)?.state == state }
    }

    func launchFailure(_ request: LaunchRequest) async -> LaunchFailure? {
        await thrown { () async throws(LaunchFailure) in try await provider.launch(request) }
    }

    func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let pause = Duration.milliseconds(50)
        for _ in 0..<Int(patience / pause) {
            if try await condition() { return true }
            try await clock.sleep(for: pause)
        }
        return try await condition()
    }

    func remove(_ id: InstanceID, _ check: inout Findings) async throws {
        try await provider.terminate(id)
        check(try await reaches(.terminated, id), "\(id) ends in time")
    }
}

extension LaunchFailure {
    var isRejected: Bool {
        if case .rejected = self { true } else { false }
    }
}

extension ProviderFailure {
    var isNoCapacity: Bool {
        if case .noCapacity = self { true } else { false }
    }

    var isUnsupported: Bool {
        if case .unsupported = self { true } else { false }
    }
}
