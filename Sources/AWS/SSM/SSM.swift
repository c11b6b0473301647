import Training

/// Systems Manager's parameters: names of current images, and secrets (JSON protocol 1.1).
package struct SSM: Sendable {
    private let client: AWSClient
    private let region: String

    package init(_ client: AWSClient, region: String) {
        self.client = client
        self.region = region
    }

    private struct Question: Encodable {
        var name: String
        var withDecryption: Bool

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case withDecryption = "WithDecryption"
        }
    }

    private struct Answer: Decodable {
        struct Parameter: Decodable {
            var name: String
            var value: String
            var version: Int

            private enum CodingKeys: String, CodingKey {
                case name = "Name"
                case value = "Value"
                case version = "Version"
            }
        }

        var parameter: Parameter

        private enum CodingKeys: String, CodingKey {
            case parameter = "Parameter"
        }
    }

    /// A parameter by its name, a secret one decrypted; refused as `ParameterNotFound` where there
    /// is none.
    package func parameter(_ name: String) async throws(AWSFailure) -> StoredParameter {
        let answer: Answer = try await client.ask(
            .ssm, in: region, target: "AmazonSSM.GetParameter",
            Question(name: name, withDecryption: true), about: "GetParameter \(name)")
        let found = answer.parameter
        return StoredParameter(name: found.name, value: found.value, version: found.version)
    }
}

/// A parameter's value, which may be a secret.
///
/// Its description never shows the value.
package struct StoredParameter: Hashable, Sendable {
    package var name: String
    package var value: String
    /// Rises with each change of the value.
    package var version: Int

    package init(name: String, value: String, version: Int) {
        self.name = name
        self.value = value
        self.version = version
    }
}

extension StoredParameter: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    package var description: String { "\(name), version \(version)" }
    package var debugDescription: String { description }
    /// Keeps `dump` and test reports from walking into the value.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
