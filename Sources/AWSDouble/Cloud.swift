import Simulation
import Synchronization
import Training

/// The model behind a lock, moved along with the double's clock.
final class Cloud: Sendable {
    static let account = "123456789012"

    let clock: DoubleClock
    private let model: Mutex<SimulatedCloud>
    /// Told of what befell machines, in order and under the lock: it must not call back.
    private let tell: @Sendable (CloudEvent) -> Void

    init(
        _ model: consuming sending SimulatedCloud, clock: DoubleClock,
        tell: @escaping @Sendable (CloudEvent) -> Void
    ) {
        self.clock = clock
        self.tell = tell
        self.model = Mutex(model)
    }

    /// Works on the model as it is now.
    func with<Value: Sendable, Failure: Error>(
        _ body: (inout SimulatedCloud) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try model.withLock { model throws(Failure) in
            pass(&model)
            defer { pass(&model) }
            return try body(&model)
        }
    }

    /// Runs a call whose signature was accepted: faults, permission, `body`, log.
    func perform<Answer: Sendable>(
        _ call: CloudCall,
        _ body: (inout SimulatedCloud) throws(CloudFailure) -> Answer
    ) -> CallOutcome<Answer> {
        with { $0.perform(call, at: clock.now, body) }
    }

    /// Brings everything to the present.
    func move() {
        with { _ in }
    }

    private func pass(_ model: inout SimulatedCloud) {
        for event in model.advance(to: clock.now) { tell(event) }
    }

    /// A machine as it is now.
    func machine(_ id: InstanceID, in region: String) -> SimulatedInstance? {
        with { $0.regions[region]?.instances[id] }
    }

    /// The region that holds a machine.
    func region(of id: InstanceID) -> String? {
        with { model in model.regions.first { $0.value.instances[id] != nil }?.key }
    }

    /// The ARN of who asks; empty when it cannot be told.
    func caller(of call: CloudCall) -> String {
        with { (try? $0.callerIdentity(of: call).arn) ?? "" }
    }

    /// What a key signs with; nil for an unknown one.
    func key(_ id: String) -> SignatureVerifier.Key? {
        with { model in
            model.iam.secret(for: id).map {
                SignatureVerifier.Key(secret: $0, sessionToken: model.iam.sessions[id]?.token)
            }
        }
    }
}
