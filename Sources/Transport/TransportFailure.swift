/// Why an HTTP exchange gave no complete response.
///
/// A response of any status is not a failure.
///
/// Nothing here retries. `invalid`, `overloaded`, `unreachable` and `tls` mean that the request
/// was never sent; after the others it may have taken effect. No text holds a credential.
package enum TransportFailure: Error, Hashable, Sendable {
    /// The request itself is wrong: its URL, or a header that cannot be sent.
    case invalid(String)
    /// The file that is the body cannot be read, or ends too early; what was sent of the request is
    /// not whole, so it takes no effect.
    case unreadable(String)
    /// Too many exchanges at once, no thread or no memory.
    case overloaded(String)
    /// The host has no address or refuses the connection.
    case unreachable(String)
    /// No connection that both sides trust; TLS 1.2 is the oldest accepted.
    case tls(String)
    /// A deadline passed, or bytes came too slowly.
    case timedOut(String)
    /// The connection broke, or what came is not HTTP.
    case interrupted(String)
    /// The response is beyond the request's limit, in bytes.
    case tooLarge(limit: Int)
    /// The server points to another host, or in a circle.
    case redirectRefused(String)
    case cancelled
}

extension TransportFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalid(let detail): "the request cannot be sent: \(detail)"
        case .unreadable(let detail): "the file to send cannot be read: \(detail)"
        case .overloaded(let detail): "no room for another request: \(detail)"
        case .unreachable(let detail): "no connection: \(detail)"
        case .tls(let detail): "no trusted connection: \(detail)"
        case .timedOut(let detail): "timed out: \(detail)"
        case .interrupted(let detail): "the connection broke: \(detail)"
        case .tooLarge(let limit): "the response is larger than \(limit) bytes"
        case .redirectRefused(let detail): "the redirect is not followed: \(detail)"
        case .cancelled: "cancelled"
        }
    }
}
