import Simulation
import Training

/// What the services of the Query protocol have in common.
enum QueryCall {
    /// The action that a form or a query string names; empty when it names none.
    static func action(of request: WireRequest) -> String {
        let form = request.method == "GET" ? request.query : firstPart(of: request.body)
        for part in form.split(separator: "&") where part.hasPrefix("Action=") {
            return PercentCoding.decodeForm(part.dropFirst("Action=".count))
        }
        return ""
    }

    private static func firstPart(of body: [UInt8]) -> String {
        String(decoding: body.prefix(64 << 10), as: UTF8.self)
    }

    /// Takes the two parameters that every call has.
    static func check(_ form: inout CallForm, version: String) throws(CloudFailure) {
        _ = form.text("Action")
        guard form.text("Version") == version else {
            throw CloudFailure("InvalidAction", "The version must be \(version)")
        }
    }

    static func answer(_ status: Int, _ xml: XMLText, _ requestID: String) -> WireAnswer {
        WireAnswer(
            status,
            headers: [
                ("Content-Type", "text/xml;charset=UTF-8"), ("x-amzn-RequestId", requestID),
            ], body: xml.bytes)
    }

    /// An error as STS and IAM write it; EC2 has its own form.
    static func document(
        for failure: CloudFailure, namespace: StaticString, _ requestID: String
    ) -> WireAnswer {
        var xml = XMLText()
        xml.element("ErrorResponse", namespace: namespace) {
            $0.element("Error") { xml in
                xml.element("Type", failure.status < 500 ? "Sender" : "Receiver")
                xml.element("Code", failure.code)
                xml.element("Message", failure.message)
            }
            $0.element("RequestId", requestID)
        }
        return answer(failure.status, xml, requestID)
    }

    /// As STS and other services of the protocol refuse; EC2 has its own codes.
    static func refusal(of fault: SignatureFault) -> CloudFailure {
        switch fault {
        case .missing:
            CloudFailure(
                status: 403, "MissingAuthenticationToken",
                "Request is missing Authentication Token")
        case .malformed(let what), .unsupported(let what):
            CloudFailure("IncompleteSignature", what)
        case .unsignedHeader(let name):
            CloudFailure(status: 403, "SignatureDoesNotMatch", "'\(name)' must be signed")
        case .unknownKey, .wrongToken:
            CloudFailure(
                status: 403, "InvalidClientTokenId",
                "The security token included in the request is invalid.")
        case .skewed(let request, let server):
            CloudFailure(
                status: 403, "SignatureDoesNotMatch",
                request < server
                    ? "Signature expired: \(WireTime(request).basic) is now earlier than "
                        + "\(WireTime(server - Seconds(300)).basic)"
                    : "Signature not yet current: \(WireTime(request).basic) is still later than "
                        + "\(WireTime(server + Seconds(300)).basic)")
        case .wrongRegion(let region):
            CloudFailure(
                status: 403, "SignatureDoesNotMatch",
                "Credential should be scoped to a valid region, not '\(region)'.")
        case .wrongPayload, .mismatch:
            CloudFailure(
                status: 403, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.")
        }
    }
}
