import Training
import Transport

/// An answer whose body is read piece by piece; letting go of it cancels the rest.
package struct AWSStream: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    private let exchange: HTTPExchange

    init(_ head: HTTPHead, _ exchange: HTTPExchange) {
        status = head.status
        headers = head.headers.map { (name: $0.name, value: $0.value) }
        self.exchange = exchange
    }

    /// The next part of the body, never empty; nil at its end.
    ///
    /// Nothing is repeated once the body has begun: the caller asks again for what it lacks.
    package func next() async throws(AWSFailure) -> [UInt8]? {
        do throws(TransportFailure) {
            return try await exchange.next()
        } catch {
            throw AWSFailure(error)
        }
    }

    /// The first header of this name, in any case; nil when there is none.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
