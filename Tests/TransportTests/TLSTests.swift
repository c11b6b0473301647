import TestSupport
import Testing
import Transport

struct TLSTests {
    private let directory: TemporaryDirectory
    private var certificate: String { directory("server.pem") }

    init() throws {
        directory = try TemporaryDirectory()
        let result = try ToolProcess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-keyout", directory("server.pem"),
                "-out", directory("certificate.pem"),
            ], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
        try #require(result.status == 0, "\(result.output)")
        let key = try #require(directory.text("server.pem"))
        directory.write("server.pem", key + (directory.text("certificate.pem") ?? ""))
    }

    private func outcome(
        host: String, trusts file: String?, speaking version: String = "TLSv1_3"
    ) async throws -> Result<Int, TransportFailure> {
        let server = try ScriptServer(
            "git_http_server.py", ["--certificate", certificate, "--tls", version])
        let client = try HTTPClient(trust: TrustAnchors(file: file, directory: nil))
        let url = try HTTPURL("https://\(host):\(server.port)/status/204")
        do throws(TransportFailure) {
            return .success(try await client.send(HTTPRequest(.get, url)).head.status)
        } catch {
            return .failure(error)
        }
    }

    @Test("a certificate that is trusted, over TLS 1.3 or 1.2 → an answer")
    func trusted() async throws {
        let file = directory("certificate.pem")
        for version in ["TLSv1_3", "TLSv1_2"] {
            let outcome = try await outcome(host: "localhost", trusts: file, speaking: version)
            #expect(outcome == .success(204))
        }
    }

    @Test("an unknown certificate, another host's, or TLS 1.1 → no request is sent")
    func untrusted() async throws {
        let file = directory("certificate.pem")
        let outcomes = [
            try await outcome(host: "localhost", trusts: nil),
            try await outcome(host: "127.0.0.1", trusts: file),
            try await outcome(host: "localhost", trusts: file, speaking: "TLSv1_1"),
        ]
        for outcome in outcomes {
            guard case .failure(.tls) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
    }
}
