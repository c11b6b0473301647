import Simulation
import Training

/// An answer that is still to be written, outside the model's lock.
typealias Rendering = @Sendable () -> WireAnswer

/// One AWS service as it is on the wire: how calls are named, errors written, answers made.
protocol WireService: Sendable {
    /// Its name in the model; the raw value is also the name that signs for it.
    var service: CloudCall.Service { get }

    /// What the request asks for; must not fail, since the log wants every call.
    func call(for request: WireRequest, region: String) -> CloudCall

    /// How this service says that it does not accept the signature.
    func refusal(of fault: SignatureFault) -> CloudFailure

    /// An error as this service writes it.
    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer

    /// Does what was asked.
    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering
}

/// A call whose signature was accepted.
struct ServiceCall: Sendable {
    var request: WireRequest
    /// Without its transport form.
    var body: ChunkedBody
    var call: CloudCall
    var requestID: String
}
