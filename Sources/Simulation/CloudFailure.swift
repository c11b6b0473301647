/// How a simulated service refuses a call: what goes on the wire as an error document.
package struct CloudFailure: Error, Hashable, Sendable {
    /// The HTTP status that AWS sends with this code.
    package var status: Int
    package var code: String
    package var message: String

    package init(status: Int = 400, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}

extension CloudFailure: CustomStringConvertible {
    package var description: String { "\(status) \(code): \(message)" }
}
