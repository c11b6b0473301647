package import Transport

/// Where each service is reached: a server of the user's choice, else AWS's own in the region.
package struct Endpoints: Hashable, Sendable {
    /// Servers that stand for a service, as `AWS_ENDPOINT_URL_S3` names them.
    private let overrides: [AWSService: HTTPURL]

    package init(overrides: [AWSService: HTTPURL] = [:]) {
        self.overrides = overrides
    }

    /// Every service at one server, as `AWS_ENDPOINT_URL` asks.
    package init(everything url: HTTPURL) {
        overrides = Dictionary(uniqueKeysWithValues: AWSService.allCases.map { ($0, url) })
    }

    /// With `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` and the profile's `services` and
    /// `endpoint_url`, in this order.
    package init(_ configuration: SharedConfiguration) throws(ConfigurationFailure) {
        var overrides: [AWSService: HTTPURL] = [:]
        for service in AWSService.allCases {
            guard let (text, place) = try configuration.endpoint(for: service) else { continue }
            do throws(TransportFailure) {
                overrides[service] = try HTTPURL(text)
            } catch {
                throw ConfigurationFailure("\(place): the endpoint URL is not usable: \(error)")
            }
        }
        self.overrides = overrides
    }

    /// Whether a server of the user's choice stands for the service: it need not know the host
    /// names of buckets.
    package func isOverridden(_ service: AWSService) -> Bool { overrides[service] != nil }

    /// The service's endpoint in a region; throws `.invalid` for what is no region.
    package func url(
        for service: AWSService, region: String
    ) throws(TransportFailure) -> HTTPURL {
        if let url = overrides[service] { return url }
        guard let partition = AWSPartition(region: region) else {
            throw .invalid(
                "\"\(region)\" is no region of AWS, such as us-east-1; for another server set "
                    + "AWS_ENDPOINT_URL_\(service.settingName.uppercased())")
        }
        if service == .iam { return try HTTPURL("https://\(partition.identityHost)/") }
        return try HTTPURL("https://\(service.rawValue).\(region).\(partition.dnsSuffix)/")
    }
}
