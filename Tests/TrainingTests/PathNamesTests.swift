import Testing
import Training

struct PathNamesTests {
    @Test(
        "a path → its names as the file system finds them",
        arguments: [
            ("/a//b/", ["a", "b"]), ("", []), ("/", []), ("a", ["a"]),
            ("a/../\u{301}x", ["a", "..", "\u{301}x"]), ("etc/\u{301}", ["etc", "\u{301}"]),
        ])
    func names(path: String, names: [String]) {
        #expect(path.pathNames == names)
    }
}
