import AWS
import Glibc
import Processes
import Synchronization
import Training
import Transport

/// A clock that a test moves.
final class TestClock: WallClock {
    private let time: Mutex<Timestamp>

    /// Starts at the system's time, which servers of tests go by.
    init() {
        time = Mutex(Timestamp(milliseconds: Int64(Glibc.time(nil)) * 1000))
    }

    func now() -> Timestamp { time.withLock { $0 } }

    func advance(_ span: Seconds) {
        time.withLock { $0 = $0 + span }
    }

    func sleep(for span: Duration) async throws {
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// Runs a credential process for real.
struct ToolRunner: CommandRunner {
    func output(
        of arguments: [String], environment: [String: String], within span: Duration, limit: Int
    ) async throws(CredentialFailure) -> [UInt8] {
        do throws(OutputFailure) {
            return try await ChildProcess.output(
                of: Command(arguments, environment: environment), within: span, limit: limit)
        } catch {
            throw CredentialFailure("\(error)")
        }
    }
}

/// Runs what blocks for seconds on a thread of its own: the pool has few, which every test shares.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
{
    try await withCheckedThrowingContinuation { done in
        let started = Thread.start { done.resume(with: Result { try body() }) }
        if !started { done.resume(throwing: CredentialFailure("no thread")) }
    }
}
