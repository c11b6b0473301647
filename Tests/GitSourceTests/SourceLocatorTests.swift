import Testing
import Transport

@testable import GitSource

struct SourceLocatorTests {
    private func place(_ text: String) throws -> SourceLocator.Place {
        try SourceLocator(text, workingDirectory: "/home/here").place
    }

    @Test("paths and file: URLs → absolute paths")
    func paths() throws {
        #expect(try place(".") == .local(path: "/home/here"))
        #expect(try place("../there/./x/") == .local(path: "/home/there/x"))
        #expect(try place("/a//b") == .local(path: "/a/b"))
        #expect(try place("./odd:name") == .local(path: "/home/here/odd:name"))
        #expect(try place("file:///a/b%20c") == .file(path: "/a/b c"))
        #expect(try place("FILE://localhost/a") == .file(path: "/a"))
    }

    @Test("a URL with credentials → they are taken out and never shown")
    func credentials() throws {
        let locator = try SourceLocator("https://ann:canary@Host/x.git", workingDirectory: "/")
        #expect(locator.place == .http(try HTTPURL("https://host/x.git")))
        #expect(locator.credential == .basic(username: "ann", password: "canary"))
        var dumped = ""
        dump(locator, to: &dumped)
        #expect(!"\(locator)\(String(reflecting: locator))\(dumped)".contains("canary"))
    }

    @Test(
        "an address that cannot be used → a problem that says what to do, without the address",
        arguments: [
            ("", SourceLocatorProblem.empty), ("ssh://canary@host/x", .ssh),
            ("canary@host:x/y", .ssh), ("git+ssh://canary/x", .ssh),
            ("git://canary/x", .unsupportedScheme("git")), ("file://canary/x", .malformed),
            ("https://canary:canary@/x", .malformed), ("canary://x", .unsupportedScheme("canary")),
            ("https://h/x?canary", .malformed), ("c4n\u{1}", .malformed),
            ("c+n!ary://x", .malformed),
        ])
    func unusable(text: String, problem: SourceLocatorProblem) {
        #expect(throws: problem) { try SourceLocator(text, workingDirectory: "/") }
        if problem != .unsupportedScheme("canary") {
            #expect(!problem.description.contains("canary"))
        }
    }

    @Test(
        "spellings of one address → one origin",
        arguments: [
            ("https://ann:canary@GitHub.com:443/Org/Repo.git/", "https://github.com/Org/Repo"),
            ("https://ann:canary@\u{301}host/x", "https://\u{301}host/x"),
            ("HTTP://host:80/x", "http://host/x"), ("http://host:8080/x.git", "http://host:8080/x"),
            ("git@GitHub.com:org/repo.git", "ssh://github.com/org/repo"),
            ("ssh://git@github.com:22/org/repo", "ssh://github.com/org/repo"),
            ("file:///a/b%20c/.git", "file:///a/b c"), ("../x.git", "file:///base/x"),
            ("/srv/x/.git/", "file:///srv/x"),
        ])
    func origins(text: String, origin: String) {
        #expect(OriginURL.normalised(text, base: "/base/repo") == origin)
    }
}
