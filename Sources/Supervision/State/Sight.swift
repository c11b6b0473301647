package import Training

/// Whether the agent can see notices.
package struct Sight: Hashable, Sendable {
    /// Reads in a row without an answer that make blind; one refusal is enough.
    private static let patience = 3

    private var failures = 0
    /// Why notices cannot be seen now, for people; nil while they can.
    package private(set) var blindness: String?

    package init() {}

    package mutating func saw() {
        self = Sight()
    }

    package mutating func failed(_ failure: MetadataFailure) {
        failures += 1
        // It stays as it was said first, so that a heartbeat changes only when the matter does.
        guard blindness == nil else { return }
        switch failure {
        case .forbidden(let detail): blindness = detail
        case .unavailable(let detail), .malformed(let detail):
            if failures >= Sight.patience { blindness = detail }
        }
    }
}
