import Training
import Transport

/// The endpoint that ECS and EKS give a container.
///
/// Rules from the AWS SDK reference, "Container credential provider": only https, loopback and the
/// known link-local addresses are asked.
struct ContainerProvider: CredentialProvider {
    static let hosts: Set<String> = [
        "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]",
    ]

    let name = "container"

    func load(
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> CredentialFinding {
        let configuration = context.configuration
        let text: String
        if let path = configuration.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            text = "http://169.254.170.2\(path)"
        } else if let uri = configuration.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            text = uri
        } else {
            return .absent("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set")
        }
        let url = try ContainerProvider.url(text)
        var headers = [HTTPHeader("Accept", "application/json")]
        if let token = try ContainerProvider.token(configuration) {
            headers.append(HTTPHeader("Authorization", token))
        }
        let body = try await ContainerProvider.ask(url, headers, by: context.http)
        do throws(CredentialFailure) {
            let credentials = try CredentialDocument.decode(body).credentials()
            return .found(credentials, in: "the container's role")
        } catch {
            throw CredentialFailure("\(url.host): \(error)")
        }
    }

    static func url(_ text: String) throws(CredentialFailure) -> HTTPURL {
        let url: HTTPURL
        do throws(TransportFailure) {
            url = try HTTPURL(text)
        } catch {
            throw CredentialFailure("AWS_CONTAINER_CREDENTIALS_*_URI: \(error)")
        }
        let isLoopback =
            url.host.hasPrefix("127.") && url.host.allSatisfy { $0.isNumber || $0 == "." }
        guard url.scheme == "https" || isLoopback || hosts.contains(url.host) else {
            throw CredentialFailure(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: \(url.host) is not asked without TLS; only "
                    + "loopback and the addresses of ECS and EKS are")
        }
        return url
    }

    /// Read anew each time: EKS replaces the file.
    private static func token(
        _ configuration: SharedConfiguration
    ) throws(CredentialFailure) -> String? {
        guard let path = configuration.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return configuration.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        do throws(SmallFile.Failure) {
            return try SmallFile.text(path, limit: 64 << 10)
        } catch {
            throw CredentialFailure("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: \(error)")
        }
    }

    /// At most three tries, of two seconds each.
    private static func ask(
        _ url: HTTPURL, _ headers: [HTTPHeader], by http: HTTPClient
    ) async throws(CredentialFailure) -> [UInt8] {
        let request = HTTPRequest(
            .get, url, headers: headers, usesProxy: false,
            limits: HTTPLimits(
                connect: .seconds(2), total: .seconds(2), responseBytes: 64 << 10))
        var failure = CredentialFailure("\(url.host): not asked")
        for attempt in 1...3 {
            do throws(TransportFailure) {
                let response = try await http.send(request)
                let status = response.head.status
                if status == 200 { return response.body }
                failure = CredentialFailure(
                    "\(url.host) answers with status \(status)",
                    isTransient: status == 429 || status >= 500)
            } catch {
                // libcurl's words about a header that cannot be sent hold no part of it.
                let mayPass = if case .invalid = error { false } else { error != .cancelled }
                failure = CredentialFailure("\(url.host): \(error)", isTransient: mayPass)
            }
            guard failure.isTransient, attempt < 3 else { break }
            try? await Task.sleep(for: .milliseconds(200 << attempt))
        }
        throw failure
    }
}
