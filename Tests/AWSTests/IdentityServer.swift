import AWS
import TestSupport
import Training
import Transport

/// Instance metadata, a container's endpoint and STS, as `Tests/Servers/identity_server.py` plays
/// them.
struct IdentityServer: Sendable {
    private let server: ScriptServer
    let http: HTTPClient

    init() throws {
        server = try ScriptServer("identity_server.py")
        http = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
    }

    /// What sends a program's metadata and STS calls here.
    var environment: [String: String] {
        [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url(""),
            "AWS_ENDPOINT_URL_STS": server.url(""),
        ]
    }

    func url(_ path: String) -> String { server.url(path) }

    /// Tells the server what to answer from now on.
    func tell(_ path: String, _ body: String = "") async throws {
        _ = try await http.send(
            HTTPRequest(
                .put, try HTTPURL(server.url(path)), body: .bytes(Array(body.utf8)),
                usesProxy: false))
    }

    func stand(_ path: String, _ body: String) async throws {
        try await tell("set/latest/\(path)", body)
    }

    func log() async throws -> [String] {
        let response = try await http.send(
            HTTPRequest(.get, try HTTPURL(server.url("log")), usesProxy: false))
        return String(decoding: response.body, as: UTF8.self).split(separator: "\n")
            .map(String.init)
    }

    func client(tries: Int = 3, timeout: Duration = .seconds(2)) -> MetadataClient {
        MetadataClient(environment: environment, http: http, tries: tries, timeout: timeout)
    }
}
