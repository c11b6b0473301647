import Testing

@testable import Transport

struct HTTPURLTests {
    @Test("scheme and host in capitals, the default port, a fragment → normalised away")
    func normalised() throws {
        #expect(
            try HTTPURL("HTTPS://Git.Example:443/A/b?q=1#f").text == "https://git.example/A/b?q=1")
        let url = try HTTPURL("http://Host:8080/x")
        #expect(url.scheme == "http" && url.host == "host" && url.port == 8080)
    }

    @Test("credentials in a URL → taken out and decoded, and refused where none belong")
    func credentials() throws {
        let (url, credential) = try HTTPURL.separating("https://ann:p%40ss@host/x")
        #expect(url.text == "https://host/x")
        #expect(credential == .basic(username: "ann", password: "p@ss"))
        #expect(throws: TransportFailure.self) { try HTTPURL("https://ann:canary@host/x") }
    }

    @Test(
        "not an absolute http or https URL → refused without echoing it",
        arguments: [
            "", "canary", "ftp://canary/", "http://", "http://a b/canary", "file:///canary",
        ])
    func malformed(text: String) {
        do throws(TransportFailure) {
            _ = try HTTPURL(text)
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("canary"))
        }
    }

    @Test(
        "a redirect → stays with the same origin, or goes from http to https",
        arguments: [
            ("http://a/x", "/y", "http://a/y", true),
            ("http://a/x/y", "z?q", "http://a/x/z?q", true),
            ("http://a/x", "https://a/x", "https://a/x", true),
            ("https://a/x", "http://a/x", "http://a/x", false),
            ("http://a/x", "http://b/x", "http://b/x", false),
            ("http://a/x", "http://a:81/x", "http://a:81/x", false),
            ("http://a:81/x", "https://a/x", "https://a/x", false),
        ])
    func redirects(from: String, location: String, to: String, isAdmitted: Bool) throws {
        let url = try HTTPURL(from)
        let target = try url.resolving(location)
        #expect(target.text == to)
        #expect(url.admitsRedirect(to: target) == isAdmitted)
    }

    @Test("a redirect with credentials or to another scheme → refused")
    func hostileRedirects() throws {
        let url = try HTTPURL("http://a/x")
        for location in ["http://u:p@a/x", "file:///etc/passwd", "ssh://a/x"] {
            #expect(throws: TransportFailure.self) { try url.resolving(location) }
        }
    }
}
