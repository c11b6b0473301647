package import Glibc
import Synchronization

/// A real process for tests, found by PATH, with exactly the environment given.
package final class ToolProcess: Sendable {
    package let pid: pid_t
    /// The read end of its standard output and error.
    package let output: Int32
    /// The write end of its standard input, until it is closed: servers that wait for that end.
    private let input: Mutex<Int32?>

    /// What a finished process left.
    package struct Result: Sendable {
        package var status: Int32
        package var output: String
    }

    package struct NotStarted: Error {
        package var command: [String]
        package var code: Int32
    }

    /// No child may be born between the making of a pipe and its close-on-exec mark, or it would
    /// keep another's pipe open.
    private static let births = Mutex(())

    package init(_ command: [String], environment: [String: String]) throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var stdout: [Int32] = [-1, -1]
        var stdin: [Int32] = [-1, -1]
        var pid: pid_t = 0
        let code = ToolProcess.births.withLock { _ in
            ToolProcess.spawn(command[0], &arguments, &variables, &stdin, &stdout, &pid)
        }
        self.pid = pid
        output = stdout[0]
        input = Mutex(stdin[1])
        guard code == 0 else { throw NotStarted(command: command, code: code) }
    }

    private static func spawn(
        _ name: String, _ arguments: inout [UnsafeMutablePointer<CChar>?],
        _ variables: inout [UnsafeMutablePointer<CChar>?], _ stdin: inout [Int32],
        _ stdout: inout [Int32], _ pid: inout pid_t
    ) -> Int32 {
        guard pipe(&stdout) == 0, pipe(&stdin) == 0 else { return errno }
        for file in stdout + stdin { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdin[0], 0)
        posix_spawn_file_actions_adddup2(&actions, stdout[1], 1)
        posix_spawn_file_actions_adddup2(&actions, stdout[1], 2)
        let code = posix_spawnp(&pid, name, &actions, nil, &arguments, &variables)
        close(stdin[0])
        close(stdout[1])
        return code
    }

    deinit {
        closeInput()
        close(output)
        var status: Int32 = 0
        if pid > 0, waitpid(pid, &status, WNOHANG) == 0 {
            kill(pid, SIGKILL)
            waitpid(pid, &status, 0)
        }
    }

    private func closeInput() {
        input.withLock { input in
            if let open = input { close(open) }
            input = nil
        }
    }

    /// The next line of its output, without the line break; nil at the end.
    package func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Runs a command to its end, with nothing on its standard input but `input`.
    package static func run(
        _ command: [String], environment: [String: String], input: String = ""
    ) throws -> Result {
        let process = try ToolProcess(command, environment: environment)
        return process.finish(feeding: Array(input.utf8))
    }

    private func finish(feeding bytes: [UInt8]) -> Result {
        // Small inputs fit the pipe; larger ones are read by the process while we write.
        var written = 0
        while written < bytes.count, let input = input.withLock({ $0 }) {
            let count = bytes[written...].withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count <= 0 { break }
            written += count
        }
        closeInput()
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(self.output, &buffer, buffer.count)
            if count <= 0 { break }
            output += buffer[..<count]
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        // An exit code, or the signal as a shell shows it.
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return Result(status: code, output: String(decoding: output, as: UTF8.self))
    }
}
