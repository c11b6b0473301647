/// What gives and takes machines: EC2, or this machine under the embedded provider.
///
/// Launches are idempotent by client token as EC2's are; nothing here retries.
package protocol InstanceProvider: Sendable {
    /// Every instance that bears the scope's tag, ended ones included while they are visible,
    /// read to the end. Throws rather than return a part of the list.
    func describe(scope: String) async throws(ProviderFailure) -> [Instance]

    /// One instance by id; nil when the provider does not know it.
    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance?

    /// Launches one machine for a frozen request. The same token and bytes give the same machine.
    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance

    /// Starts a stopped machine; success when it runs already. Alone in throwing `noCapacity` and
    /// `quota`.
    func start(_ id: InstanceID) async throws(ProviderFailure)

    /// Stops a machine that can be started again; success when it is stopped already.
    func stop(_ id: InstanceID) async throws(ProviderFailure)

    /// Terminates a machine; success when it has ended already.
    func terminate(_ id: InstanceID) async throws(ProviderFailure)

    /// Sets tags on a machine: hints for its agent, never the truth.
    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure)

    /// What stands on a machine's console, the newest last; at most 64 KiB; nil when there is
    /// none.
    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]?

    /// What the region offers now for a query; `unsupported` when it can never be met.
    func placement(for query: PlacementQuery) async throws(ProviderFailure) -> Placement
}

/// The providers of all regions, by name; made when a region is first asked for.
package protocol InstanceProviders: Sendable {
    subscript(region: String) -> any InstanceProvider { get }
}

/// Why a provider did not answer a call other than a launch.
package enum ProviderFailure: Error, Hashable, Sendable {
    /// This can never be done: stopping one-time spot, starting a terminated machine, an image
    /// that does not exist.
    case unsupported(String)
    /// The pool of a stopped machine has no room for it now.
    case noCapacity(String)
    /// The account may not have one more machine of this family running now.
    case quota(String)
    case denied(String)
    case throttled
    /// No definite answer; the call may have taken effect.
    case unavailable(String)
}

/// How a launch was answered, when not by a machine.
package enum LaunchFailure: Error, Hashable, Sendable {
    /// No capacity in this pool: a normal outcome, the next offering is tried.
    case noCapacity(String)
    /// The subnet has no free address: another subnet may do.
    case subnetFull(String)
    /// The account may not have more machines of this family on this market in this region now.
    case quota(String)
    /// Not sent, or refused before it was looked at: nothing has taken effect.
    case notSent(String)
    /// The token was used with other bytes: the ledger and the provider disagree; a person looks.
    case parametersMismatch
    /// The token's machine has ended: the intent is closed.
    case instanceTerminated
    /// The request itself is wrong; the same bytes will never succeed.
    case rejected(String)
    /// No definite answer: send the same bytes again.
    case unanswered(String)
}

extension ProviderFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsupported(let detail): "not supported: \(detail)"
        case .noCapacity(let detail): "no capacity: \(detail)"
        case .quota(let detail): "over a quota: \(detail)"
        case .denied(let detail): "the provider denies access: \(detail)"
        case .throttled: "the provider throttles"
        case .unavailable(let detail): "the provider is unavailable: \(detail)"
        }
    }
}

extension LaunchFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noCapacity(let detail): "no capacity: \(detail)"
        case .subnetFull(let detail): "no free address in the subnet: \(detail)"
        case .quota(let detail): "over a quota: \(detail)"
        case .notSent(let detail): "the launch was not sent: \(detail)"
        case .parametersMismatch: "the client token was used with another request"
        case .instanceTerminated: "the client token's instance has ended"
        case .rejected(let detail): "the launch is rejected: \(detail)"
        case .unanswered(let detail): "the launch was not answered: \(detail)"
        }
    }
}
