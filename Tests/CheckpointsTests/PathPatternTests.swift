import Testing

@testable import Checkpoints

struct PathPatternTests {
    @Test(
        "pattern and path → matches",
        arguments: [
            ("ckpt.pt", "ckpt.pt"), ("checkpoints/step-*", "checkpoints/step-100"),
            ("*.ckpt", "a=1-b=2.ckpt"), ("run:v*/x", "run:v3/x"), ("**/*.pt", "a.pt"),
            ("**/*.pt", "a/b/c.pt"), ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"), ("a/**", "a/x/y"),
            ("s[0-9][0-9]", "s42"), ("s[!0-9]", "sx"), ("[]]", "]"), ("a[", "a["),
            ("\\*", "*"), ("?.pt", "é.pt"), ("./a/b/", "a/b"), (".*", ".hidden"),
            ("*a*b*c*", "xxaxxbxxcxx"),
        ])
    func matches(pattern: String, path: String) throws {
        #expect(try #require(PathPattern(pattern)).matches(path))
    }

    @Test(
        "pattern and path → does not match",
        arguments: [
            ("ckpt.pt", "ckpt.pt.tmp"), ("step-*", "checkpoints/step-1"), ("*", ".hidden"),
            ("s[0-9]", "sx"), ("s[!0-9]", "s4"), ("a/**/b", "a/c"), ("\\*", "x"), ("?", "ab"),
            ("*.pt", "a/b.pt"), ("[9-0]", "5"),
        ])
    func doesNotMatch(pattern: String, path: String) throws {
        #expect(try !#require(PathPattern(pattern)).matches(path))
    }

    @Test(
        "absolute, empty or leaving its directory → no pattern",
        arguments: ["", "/a", "../a", "a/../b", "."])
    func refused(pattern: String) {
        #expect(PathPattern(pattern) == nil)
    }

    @Test("many stars against a long name → an answer at once")
    func manyStars() throws {
        let pattern = try #require(PathPattern(String(repeating: "a*", count: 60) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 255)))
    }

    @Test("many folders of any depth against a deep path → an answer at once")
    func manyFolders() throws {
        let pattern = try #require(PathPattern(String(repeating: "**/a/", count: 15) + "b"))
        let path = String(repeating: "a/", count: 500)
        #expect(pattern.matches(path + "b"))
        #expect(!pattern.matches(path + "c"))
    }
}
