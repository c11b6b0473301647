import Glibc
import TestSupport
import Testing
import Transport

/// In processes of their own, since the environment names the proxy.
struct ProxyTests {
    @Test("http_proxy and https_proxy → both are asked; no credential of a proxy in an error")
    func proxied() async throws {
        await #expect(processExitsWith: .success) {
            let proxy = try ScriptServer("proxy_server.py")
            for name in ["http_proxy", "https_proxy"] {
                setenv(name, "http://ann:hunter2@127.0.0.1:\(proxy.port)", 1)
            }
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let client = try HTTPClient()
            let url = try HTTPURL("http://behind.test/a?b")
            let answer = try await client.send(HTTPRequest(.get, url)).body
            // Base64 of the name and password.
            try #require(
                String(decoding: answer, as: UTF8.self)
                    == "GET http://behind.test/a?b HTTP/1.1\nBasic YW5uOmh1bnRlcjI=")
            do throws(TransportFailure) {
                _ = try await client.send(
                    HTTPRequest(.get, try HTTPURL("https://behind.test/secret")))
                Issue.record("a tunnel that was refused gave an answer")
            } catch {
                try #require(!"\(error)".contains("hunter2"), "\(error)")
            }
            let log = try await client.send(
                HTTPRequest(.get, try HTTPURL("http://behind.test/log"))
            ).body
            try #require(
                String(decoding: log, as: UTF8.self).contains("CONNECT behind.test:443 HTTP/1.1"))
        }
    }

    @Test("no_proxy, or a request that uses none → the server itself is asked")
    func direct() async throws {
        await #expect(processExitsWith: .success) {
            let server = try ScriptServer("git_http_server.py")
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let client = try HTTPClient()
            var request = HTTPRequest(.get, try HTTPURL(server.url("status/204")))
            await #expect(throws: TransportFailure.self) { _ = try await client.send(request) }
            request.usesProxy = false
            try #require(try await client.send(request).head.status == 204)
            setenv("no_proxy", "127.0.0.1", 1)
            request.usesProxy = true
            try #require(try await client.send(request).head.status == 204)
        }
    }
}
