import Training

/// An IAM policy as AWS reads it.
struct IAMPolicy: Encodable, Sendable {
    enum Effect: String, Encodable, Sendable {
        case allow = "Allow"
        case deny = "Deny"
    }

    struct Statement: Encodable, Sendable {
        var sid: String
        var effect: Effect
        /// Only in policies that belong to a resource or a role.
        var principal: [String: String]?
        var action: [String]
        var resource: [String]?
        /// By operator, then by key.
        var condition: [String: [String: String]]?

        enum CodingKeys: String, CodingKey {
            case sid = "Sid"
            case effect = "Effect"
            case principal = "Principal"
            case action = "Action"
            case resource = "Resource"
            case condition = "Condition"
        }

        static func allow(
            _ sid: String, _ actions: [String], on resources: [String],
            when condition: [String: [String: String]] = [:]
        ) -> Statement {
            Statement(
                sid: sid, effect: .allow, principal: nil, action: actions, resource: resources,
                condition: condition.isEmpty ? nil : condition)
        }

        /// Denied to everybody: for a bucket's policy.
        static func deny(
            _ sid: String, _ actions: [String], on resources: [String],
            when condition: [String: [String: String]]
        ) -> Statement {
            Statement(
                sid: sid, effect: .deny, principal: ["AWS": "*"], action: actions,
                resource: resources, condition: condition)
        }
    }

    var version = "2012-10-17"
    var statement: [Statement]

    init(_ statements: [Statement]) {
        statement = statements
    }

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case statement = "Statement"
    }

    /// For people to review and for the AWS CLI to read; ends with a line break.
    var json: String {
        String(decoding: CanonicalJSON.encode(self, pretty: true), as: UTF8.self) + "\n"
    }
}
