import AWS
import Glibc
import Synchronization
import Training

/// Stands still at the time of its making; a sleep ends at once, is noted, and moves it on.
final class RecordingClock: WallClock {
    private struct State {
        var now: Timestamp
        var sleeps: [Duration] = []
    }

    private let state: Mutex<State>

    /// A clock that is wrong by `ahead`.
    init(ahead: Seconds = 0) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        state = Mutex(State(now: Timestamp(milliseconds: milliseconds) + ahead))
    }

    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func now() -> Timestamp { state.withLock { $0.now } }

    func sleep(for span: Duration) async throws {
        try Task.checkCancellation()
        state.withLock {
            $0.sleeps.append(span)
            let (seconds, attoseconds) = span.components
            // Rounded up, so that a wait for a token is never a little too short.
            $0.now.milliseconds += seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        }
    }
}

/// Credentials whose session token is "old" until they are invalidated, and then "new".
actor AgeingCredentials: CredentialSource {
    private(set) var asked = 0
    private(set) var invalidations = 0
    private let ages: Bool

    init(ages: Bool = true) {
        self.ages = ages
    }

    func credentials() -> AWSCredentials {
        asked += 1
        return AWSCredentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRET",
            sessionToken: ages ? (invalidations == 0 ? "old" : "new") : nil)
    }

    func invalidate() {
        invalidations += 1
    }
}
