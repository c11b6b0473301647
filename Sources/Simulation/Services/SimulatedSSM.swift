import Training

/// The simulated Parameter Store of all regions.
package struct SimulatedSSM: Sendable {
    package struct Parameter: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case string = "String"
            case secure = "SecureString"
        }

        package let name: String
        package let kind: Kind
        package let value: String
        package let version: Int
    }

    /// Where AWS publishes the id of the current Deep Learning image.
    package static let imageParameters = [
        "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id"
    ]

    private var parameters: [String: [String: Parameter]] = [:]

    package init() {}

    /// Sets a parameter; its version goes up.
    package mutating func put(
        _ name: String, _ kind: Parameter.Kind, _ value: String, in region: String
    ) {
        let version = (parameters[region]?[name]?.version ?? 0) + 1
        parameters[region, default: [:]][name] = Parameter(
            name: name, kind: kind, value: value, version: version)
    }

    package mutating func remove(_ name: String, in region: String) {
        parameters[region]?[name] = nil
    }

    /// A parameter; a secure one is shown only to who asks to decrypt it.
    package func getParameter(
        _ name: String, decrypting: Bool, in region: String
    ) throws(CloudFailure) -> Parameter {
        guard let found = parameters[region]?[name] else {
            throw CloudFailure("ParameterNotFound", "")
        }
        guard found.kind == .secure && !decrypting else { return found }
        return Parameter(
            name: found.name, kind: found.kind,
            value: Base64Digits.encode(Digest(of: found.value).bytes), version: found.version)
    }

    mutating func publishImages(of place: SimulatedEC2.Place?, in region: String) {
        guard let image = place?.images.first else { return }
        for name in Self.imageParameters { put(name, .string, image.id, in: region) }
    }
}
