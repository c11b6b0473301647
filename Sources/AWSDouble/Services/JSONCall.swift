import Simulation
import Training

/// What the services of the AWS JSON protocols have in common.
enum JSONCall {
    /// The operation that `X-Amz-Target` names, without the service's prefix.
    static func operation(of request: WireRequest) -> String {
        request["x-amz-target"]?.split(separator: ".").last.map(String.init) ?? ""
    }

    static func read<Value: Decodable>(
        _ type: Value.Type, _ body: [UInt8]
    ) throws(CloudFailure) -> Value {
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(type, from: body.isEmpty ? Array("{}".utf8) : body)
        } catch {
            throw CloudFailure("SerializationException", "\(error)")
        }
    }

    static func answer(
        _ value: some Encodable & Sendable, version: String, _ requestID: String
    ) -> Rendering {
        {
            WireAnswer(
                200,
                headers: [
                    ("Content-Type", "application/x-amz-json-\(version)"),
                    ("x-amzn-RequestId", requestID),
                ], body: CanonicalJSON.encode(value))
        }
    }

    struct Problem: Encodable {
        var __type: String
        var message: String
    }

    static func document(
        for failure: CloudFailure, version: String, requestID: String, shape: String = ""
    ) -> WireAnswer {
        WireAnswer(
            failure.status,
            headers: [
                ("Content-Type", "application/x-amz-json-\(version)"),
                ("x-amzn-RequestId", requestID),
            ],
            body: CanonicalJSON.encode(
                Problem(__type: shape + failure.code, message: failure.message)))
    }

    static func refusal(of fault: SignatureFault) -> CloudFailure {
        switch fault {
        case .missing:
            CloudFailure(
                "MissingAuthenticationTokenException", "Missing Authentication Token")
        case .malformed(let what), .unsupported(let what):
            CloudFailure("IncompleteSignatureException", what)
        case .unknownKey, .wrongToken:
            CloudFailure(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.")
        case .unsignedHeader, .skewed, .wrongRegion, .wrongPayload, .mismatch:
            CloudFailure("InvalidSignatureException", QueryCall.refusal(of: fault).message)
        }
    }
}
