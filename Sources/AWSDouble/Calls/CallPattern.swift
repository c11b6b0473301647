import Simulation

/// Which calls are meant, with AWS's wildcards: what is left out fits all of them.
struct CallPattern: Decodable, Sendable {
    /// The ARN of who asks.
    var caller: String?
    /// The API's name.
    var operation: String?
    /// One of the call's resources, as the log has them.
    var resource: String?

    func fits(_ call: CloudCall, by arn: String) -> Bool {
        let isMet = { (pattern: String?, text: String) in
            pattern.map { Wildcard($0, escapes: false).matches(text) } ?? true
        }
        return isMet(caller, arn) && isMet(operation, call.operation)
            && (resource == nil || call.resources.contains { isMet(resource, $0) })
    }
}
