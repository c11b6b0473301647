import Glibc

/// Why a program gave no output that can be used.
///
/// Holds nothing that the program wrote.
package enum OutputFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case spawn(SpawnFailure)
    case noPipe(code: Int32)
    case ended(WaitStatus)
    case tooMuch(limit: Int)
    case tooLong(Duration)
    case cancelled

    package var description: String {
        switch self {
        case .spawn(let failure): failure.description
        case .noPipe(let code): "no pipe could be made: \(systemMessage(code))"
        case .ended(let status): "it ended with \(status)"
        case .tooMuch(let limit): "it wrote more than \(limit) bytes"
        case .tooLong(let span): "it did not end within \(span)"
        case .cancelled: "it was cancelled"
        }
    }
}

extension ChildProcess {
    /// Runs a program to its end; what it wrote to its standard output.
    ///
    /// It gets a session of its own, all of which is killed where the program takes longer than
    /// `span`, writes more than `limit` bytes, or the task is cancelled.
    package static func output(
        of command: Command, within span: Duration, limit: Int
    ) async throws(OutputFailure) -> [UInt8] {
        let deadline = ContinuousClock.now + span
        var ends: [Int32] = [-1, -1]
        // Our own children inherit neither end: all that they are not given is closed there.
        guard pipe(&ends) == 0 else { throw .noPipe(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var command = command
        command.newSession = true
        command.output = .descriptor(ends[1])
        let child: ChildProcess
        do throws(SpawnFailure) {
            defer { close(ends[1]) }
            child = try await spawn(command)
        } catch {
            throw .spawn(error)
        }
        // Also whatever it left behind in its session: nobody else knows of it.
        defer { kill(-child.pid, SIGKILL) }

        let output = try await read(ends[0], until: deadline, span: span, limit: limit)
        guard let status = await child.wait(within: max(.zero, deadline - .now)) else {
            throw Task.isCancelled ? .cancelled : .tooLong(span)
        }
        guard status.isSuccess else { throw .ended(status) }
        return output
    }

    private static func read(
        _ pipe: Int32, until deadline: ContinuousClock.Instant, span: Duration, limit: Int
    ) async throws(OutputFailure) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while await isReadable(pipe, within: max(.zero, deadline - .now)) {
            let count = Glibc.read(pipe, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return output }
            output += buffer[..<count]
            guard output.count <= limit else { throw .tooMuch(limit: limit) }
        }
        throw Task.isCancelled ? .cancelled : .tooLong(span)
    }
}
