package import Transport

/// Where each service is reached: a server of the user's choice, else AWS's own in the region.
package struct Endpoints: Hashable, Sendable {
    /// Servers that stand for a service, as `AWS_ENDPOINT_URL_S3` names them.
    private let overrides: [AWSService: HTTPURL]
    private var usesFIPS = false
    private var usesDualStack = false

    package init(overrides: [AWSService: HTTPURL] = [:]) {
        self.overrides = overrides
    }

    /// Every service at one server, as `AWS_ENDPOINT_URL` asks.
    package init(everything url: HTTPURL) {
        overrides = Dictionary(uniqueKeysWithValues: AWSService.allCases.map { ($0, url) })
    }

    /// With `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL` and the profile's `services` and
    /// `endpoint_url`, in this order; else AWS's own, with FIPS and IPv6 as is asked for.
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
        usesFIPS = configuration.usesFIPS
        usesDualStack = configuration.usesDualStack
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
        return try HTTPURL("https://\(host(of: service, in: region, partition))/")
    }

    /// Host names as botocore's endpoint rules of November 2026 make them.
    private func host(
        of service: AWSService, in region: String, _ partition: AWSPartition
    ) -> String {
        // GovCloud's ordinary servers are certified.
        let isPlain = partition == .government && !usesDualStack && service != .s3
        let name = service.rawValue + (usesFIPS && !isPlain ? "-fips" : "")
        switch service {
        case .iam:
            guard partition == .aws else { return partition.identityHost }
            if usesFIPS { return "iam-fips.\(partition.dnsSuffix)" }
            return usesDualStack ? "iam.global.api.aws" : partition.identityHost
        case .s3:
            return "\(name)\(usesDualStack ? ".dualstack" : "").\(region).\(partition.dnsSuffix)"
        default:
            let suffix = usesDualStack ? partition.dualStackSuffix : partition.dnsSuffix
            return "\(name).\(region).\(suffix)"
        }
    }
}
