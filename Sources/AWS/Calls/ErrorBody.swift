import Training
import Transport

/// Reads what a service says about an error, in the four forms in use: EC2's, the query protocol's,
/// S3's and AWS JSON.
enum ErrorBody {
    /// More of an error's body is not read, in bytes.
    static let greatestSize = 64 << 10
    private static let greatestMessage = 1_000

    static func parse(_ request: AWSRequest, _ head: HTTPHead, _ body: [UInt8]) -> ServiceError {
        let found = xml(body) ?? json(head, body)
        var error = ServiceError(
            service: request.service, status: head.status,
            code: found?.code ?? statusName(head.status),
            message: shortened(found?.message ?? ""),
            requestID: found?.requestID ?? head["x-amz-request-id"] ?? head["x-amzn-requestid"])
        error.encodedAuthorization = found?.message.flatMap { encoded(in: $0)?.text }
        if request.service == .s3, let region = found?.region ?? head["x-amz-bucket-region"],
            region != request.region, [301, 307, 400].contains(head.status)
        {
            error.bucketRegion = region
            error.message =
                "the bucket is in \(region.prefix(32)), but \(request.region) was asked: "
                + "name its region"
        }
        return error
    }

    /// The error that S3 puts into an answer of status 200 when it fails late, if this is one.
    static func late(_ request: AWSRequest, _ head: HTTPHead, _ body: [UInt8]) -> ServiceError? {
        guard request.service == .s3, request.method == .post, body.count <= greatestSize,
            let document = try? XMLDocument(body), document.root.name == "Error"
        else { return nil }
        return parse(request, head, body)
    }

    private struct Found {
        var code: String
        var message: String?
        var requestID: String?
        var region: String?
    }

    private static func xml(_ body: [UInt8]) -> Found? {
        guard let root = try? XMLDocument(body).root else { return nil }
        let holder = root["Errors"] ?? root
        let error = root.name == "Error" ? root : holder["Error"]
        guard let error, let code = error.text("Code"), !code.isEmpty else { return nil }
        return Found(
            code: code, message: error.text("Message"),
            requestID: root.text("RequestID") ?? root.text("RequestId"),
            region: error.text("Region"))
    }

    private struct JSONError: Decodable {
        // The names of the wire.
        // swift-format-ignore
        var __type: String?
        var message: String?
        // swift-format-ignore
        var Message: String?
    }

    private static func json(_ head: HTTPHead, _ body: [UInt8]) -> Found? {
        let error = try? CanonicalJSON.decode(JSONError.self, from: body)
        guard let type = head["x-amzn-errortype"] ?? error?.__type else { return nil }
        // `com.amazonaws.ssm#ParameterNotFound:http://…` is as good as its middle.
        let code = type.prefix { $0 != ":" }.split(separator: "#").last.map(String.init)
        guard let code, !code.isEmpty else { return nil }
        return Found(code: code, message: error?.message ?? error?.Message)
    }

    /// What follows repeats all that was signed, the session token among it.
    private static let echoes = [
        "The Canonical String", "Canonical String", "The String-to-Sign", "String-to-Sign",
    ]

    /// Without what was signed, and without the encoded authorisation message, which is long and
    /// holds the whole request in a form that only the account can read.
    private static func shortened(_ message: String) -> String {
        var text = message
        if let encoded = encoded(in: message) { text = encoded.before + encoded.after }
        for echo in echoes {
            if let range = text.firstRange(of: echo) { text = String(text[..<range.lowerBound]) }
        }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.count > greatestMessage ? text.prefix(greatestMessage - 1) + "…" : text
    }

    /// The encoded authorisation message, and what stands around it.
    private static func encoded(
        in message: String
    ) -> (before: String, text: String, after: String)? {
        guard let marker = message.firstRange(of: "ncoded authorization failure message") else {
            return nil
        }
        let rest = message[marker.upperBound...].drop { $0 == ":" || $0 == " " }
        let text = rest.prefix { !$0.isWhitespace }
        return (
            String(message[..<marker.lowerBound].dropLast()), String(text),
            String(rest.dropFirst(text.count).drop { $0.isWhitespace })
        )
    }

    private static func statusName(_ status: Int) -> String {
        switch status {
        case 301: "MovedPermanently"
        case 304: "NotModified"
        case 307: "TemporaryRedirect"
        case 400: "BadRequest"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 405: "MethodNotAllowed"
        case 409: "Conflict"
        case 412: "PreconditionFailed"
        case 413: "ContentTooLarge"
        case 416: "RangeNotSatisfiable"
        case 429: "TooManyRequests"
        case 500: "InternalServerError"
        case 502: "BadGateway"
        case 503: "ServiceUnavailable"
        case 504: "GatewayTimeout"
        default: "Status\(status)"
        }
    }
}
