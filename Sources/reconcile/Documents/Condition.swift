/// A condition of the scope, as Kubernetes' kstatus shapes it: a type, a status and why.
struct Condition: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Sendable {
        case ready = "Ready"
        case reconciling = "Reconciling"
        /// Will not go on without a person.
        case stalled = "Stalled"
        case healthy = "Healthy"
    }

    enum Status: String, Codable, Sendable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"
    }

    var type: Kind
    var status: Status
    var reason: String
    var message: String
}
