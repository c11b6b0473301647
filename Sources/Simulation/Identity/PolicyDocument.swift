/// A policy of IAM or of a bucket, in the part of its language that Holdfast's policies use.
///
/// Reads IAM's JSON: one value or a list, `Allow` and `Deny`, wildcards in actions and resources,
/// and the conditions `StringEquals`, `StringLike`, `StringNotEquals`, `Bool` and `Null`, also with
/// `IfExists`.
package struct PolicyDocument: Hashable, Sendable, Codable {
    package var statements: [PolicyStatement]

    package init(_ statements: [PolicyStatement]) {
        self.statements = statements
    }

    enum CodingKeys: String, CodingKey {
        case statements = "Statement"
    }

    /// Everything is allowed.
    package static let administrator = PolicyDocument([.allow(["*"])])

    /// Reads of everything, and nothing else.
    package static let reader = PolicyDocument([
        .allow([
            "ec2:Describe*", "ec2:Get*", "s3:Get*", "s3:List*", "ssm:Get*", "sts:*", "sqs:Get*",
        ])
    ])
}

package struct PolicyStatement: Hashable, Sendable, Codable {
    package enum Effect: String, Hashable, Sendable, Codable {
        case allow = "Allow"
        case deny = "Deny"
    }

    package var effect: Effect
    package var actions: OneOrMore
    /// ARNs with wildcards.
    package var resources: OneOrMore
    /// In a bucket's policy: `*`, or the ARNs of users and roles; nil elsewhere.
    package var principals: Principals?
    /// By operator, then by key.
    package var conditions: [String: [String: OneOrMore]]?

    package init(
        _ effect: Effect, _ actions: [String], on resources: [String] = ["*"],
        for principals: [String]? = nil, when conditions: [String: [String: OneOrMore]]? = nil
    ) {
        self.effect = effect
        self.actions = OneOrMore(actions)
        self.resources = OneOrMore(resources)
        self.principals = principals.map { Principals($0) }
        self.conditions = conditions
    }

    package static func allow(
        _ actions: [String], on resources: [String] = ["*"]
    ) -> PolicyStatement {
        PolicyStatement(.allow, actions, on: resources)
    }

    package static func deny(
        _ actions: [String], on resources: [String] = ["*"], for principals: [String]? = nil
    ) -> PolicyStatement {
        PolicyStatement(.deny, actions, on: resources, for: principals)
    }

    enum CodingKeys: String, CodingKey {
        case effect = "Effect"
        case actions = "Action"
        case resources = "Resource"
        case principals = "Principal"
        case conditions = "Condition"
    }
}

/// IAM writes a list of one as the value itself.
package struct OneOrMore: Hashable, Sendable, Codable, ExpressibleByArrayLiteral {
    package var values: [String]

    package init(_ values: [String]) {
        self.values = values
    }

    package init(arrayLiteral elements: String...) {
        values = elements
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let one = try? container.decode(String.self) {
            values = [one]
        } else if let flag = try? container.decode(Bool.self) {
            values = [String(flag)]
        } else {
            values = try container.decode([String].self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if values.count == 1 {
            try container.encode(values[0])
        } else {
            try container.encode(values)
        }
    }
}

/// `"*"`, or `{"AWS": …}`.
package struct Principals: Hashable, Sendable, Codable {
    package var arns: [String]

    package init(_ arns: [String]) {
        self.arns = arns
    }

    package init(from decoder: any Decoder) throws {
        if let all = try? decoder.singleValueContainer().decode(String.self) {
            arns = [all]
        } else {
            let byKind = try decoder.singleValueContainer().decode([String: OneOrMore].self)
            arns = byKind["AWS"]?.values ?? []
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if arns == ["*"] {
            try container.encode("*")
        } else {
            try container.encode(["AWS": OneOrMore(arns)])
        }
    }
}
