import TestSupport
import Testing

@testable import Supervision

struct LogTailTests {
    private static let secret = "hunter22-and-more"

    private func tail(_ text: String, from offset: Int = 0) throws -> [String] {
        let directory = try TemporaryDirectory()
        directory.write("log", text)
        return LogTail.read(
            directory("log"), from: offset, hiding: SecretMask([LogTailTests.secret]))
    }

    @Test("a secret across the last column → hidden before the line is cut", arguments: 0..<17)
    func lastColumn(inside: Int) throws {
        let start = String(repeating: "a", count: 400 - inside)
        let lines = try tail(start + LogTailTests.secret + "\n")
        #expect(lines == [String((start + "***").prefix(400))])
    }

    @Test("a secret across the start of the tail → hidden whole", arguments: 0..<20)
    func start(inside: Int) throws {
        // The tail has 32,000 bytes, all of one line.
        let before = String(repeating: "a", count: 50)
        let after = String(repeating: "b", count: 32_000 - inside)
        let lines = try tail(before + LogTailTests.secret + after)
        let shown =
            (inside > 17 ? String(repeating: "a", count: inside - 17) : "")
            + (inside > 0 ? "***" : "") + after
        #expect(lines == [String(shown.prefix(400))])
    }

    @Test("more lines than asked for, and an earlier life's → the last ones of this life")
    func lines() throws {
        let earlier = "of an earlier life\n"
        let text = (1...30).map { "line \($0)\n" }.joined()
        let lines = try tail(earlier + text, from: earlier.utf8.count)
        #expect(lines == (11...30).map { "line \($0)" })
        #expect(try tail(earlier + "new\n", from: earlier.utf8.count) == ["new"])
        #expect(LogTail.read("/nonexistent/log", from: 0).isEmpty)
    }
}
