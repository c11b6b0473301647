import Processes
import TestSupport
import Testing

struct CommandOutputTests {
    private func run(
        _ script: String, within span: Duration = .seconds(10), limit: Int = 1000
    ) async throws(OutputFailure) -> String {
        let command = Command(["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"])
        let bytes = try await ChildProcess.output(of: command, within: span, limit: limit)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a program that writes → what it wrote, without its errors")
    func output() async throws {
        #expect(try await run("printf one; echo no >&2; sleep 0.05; printf two") == "onetwo")
    }

    @Test("an exit code, a signal, no such program → a failure that says which")
    func failures() async {
        await #expect(throws: OutputFailure.ended(.exited(3))) { try await run("exit 3") }
        await #expect(throws: OutputFailure.ended(.signalled(9))) { try await run("kill -9 $$") }
        await #expect(throws: OutputFailure.self) {
            try await ChildProcess.output(
                of: Command(["/nowhere/x"], environment: [:]), within: .seconds(1), limit: 1)
        }
    }

    @Test("too much output → refused; the limit itself → taken")
    func limit() async throws {
        #expect(try await run("printf 12345", limit: 5) == "12345")
        await #expect(throws: OutputFailure.tooMuch(limit: 4)) {
            try await run("printf 12345", limit: 4)
        }
    }

    @Test("a program that does not end, or whose child holds its output → killed with its children")
    func deadline() async throws {
        let directory = try TemporaryDirectory()
        let span = Duration.seconds(2)
        await #expect(throws: OutputFailure.tooLong(span)) {
            try await run("sleep 60 & echo $! > \(directory("pid")); sleep 60", within: span)
        }
        let pid = try #require(directory.text("pid").flatMap { Int32($0.dropLast()) })
        for _ in 1...1_000 where ProcessIdentity(of: pid) != nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(ProcessIdentity(of: pid).map { _ in true } == nil)
    }
}
