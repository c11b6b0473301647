import Transport

/// Why a call gave no answer that can be used.
package enum AWSFailure: Error, Hashable, Sendable {
    /// The service answered with an error: definite, unless its status is 500 or more.
    case refused(ServiceError)
    /// There was nothing to sign with; the request was not sent.
    case credentials(CredentialFailure)
    /// The request was not sent: no connection, no address, no trust.
    case unreachable(String)
    /// The file to send cannot be read, or is too short; the call took no effect.
    case unreadable(String)
    /// No answer: the call may have taken effect.
    case unanswered(String)
    /// An answer that is not what the service promises.
    case malformed(String)
    /// The task was cancelled; the call may have taken effect.
    case cancelled
}

/// An error as the service reports it.
package struct ServiceError: Error, Hashable, Sendable {
    package var service: AWSService
    package var status: Int
    /// The service's own code, such as `InsufficientInstanceCapacity`; for an answer without a
    /// body the status's name.
    package var code: String
    /// For people; at most 1,000 characters, without the encoded authorisation message.
    package var message: String
    package var requestID: String?
    /// What was missing, in a form that only `STS.decode` reads; nil where nothing was.
    package var encodedAuthorization: String?
    /// Where S3 says that the bucket is, when it is not where it was looked for.
    package var bucketRegion: String?

    package init(
        service: AWSService, status: Int, code: String, message: String, requestID: String? = nil
    ) {
        self.service = service
        self.status = status
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}

extension ServiceError: CustomStringConvertible {
    package var description: String {
        "\(service.rawValue): \(code)" + (message.isEmpty ? "" : ": \(message)")
            + (requestID.map { " (request \($0))" } ?? "")
    }
}

extension AWSFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let error): error.description
        case .credentials(let failure): failure.description
        case .unreachable(let detail): "no connection: \(detail)"
        case .unreadable(let detail): "the file to send cannot be read: \(detail)"
        case .unanswered(let detail): "no answer: \(detail)"
        case .malformed(let detail): "an answer that cannot be read: \(detail)"
        case .cancelled: "cancelled"
        }
    }
}

extension AWSFailure {
    init(_ failure: TransportFailure) {
        switch failure {
        case .invalid, .overloaded, .unreachable, .tls: self = .unreachable("\(failure)")
        case .unreadable(let detail): self = .unreadable(detail)
        case .timedOut, .interrupted: self = .unanswered("\(failure)")
        case .tooLarge, .redirectRefused: self = .malformed("\(failure)")
        case .cancelled: self = .cancelled
        }
    }
}

extension AWSFailure {
    /// Whether the same call may succeed a moment later.
    var mayPass: Bool {
        switch self {
        case .refused(let error): error.isThrottle || error.isTransient
        case .credentials(let failure): failure.isTransient
        case .unreachable, .unanswered, .cancelled: true
        case .unreadable, .malformed: false
        }
    }
}
