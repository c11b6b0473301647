import AWS
import Synchronization
import Testing
import Training

struct CachedCredentialsTests {
    /// A source that gives numbered keys.
    private final class Source: Sendable {
        let state: Mutex<State>
        let clock: TestClock

        struct State {
            var loads = 0
            var life: Seconds? = 3600
            var failure: CredentialFailure?
            /// Nothing is answered while this holds.
            var isHeld = false
            var mayOutlive = false
        }

        init(_ clock: TestClock) {
            self.clock = clock
            state = Mutex(State())
        }

        func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
        var loads: Int { state.withLock(\.loads) }

        func load() async throws(CredentialFailure) -> FoundCredentials {
            let state = state.withLock { state in
                state.loads += 1
                return state
            }
            while self.state.withLock(\.isHeld), !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(1))
            }
            if let failure = state.failure { throw failure }
            return FoundCredentials(
                credentials: AWSCredentials(
                    accessKeyID: "K\(state.loads)", secretAccessKey: "s",
                    expiration: state.life.map { clock.now() + $0 }),
                place: "a test", mayOutliveExpiration: state.mayOutlive)
        }
    }

    private let clock = TestClock()
    private let source: Source
    private let cache: CachedCredentials

    init() {
        let source = Source(clock)
        self.source = source
        cache = CachedCredentials(clock: clock) { () async throws(CredentialFailure) in
            try await source.load()
        }
    }

    private func key() async throws -> String { try await cache.credentials().accessKeyID }

    private func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
        for _ in 1...5_000 {
            if try await condition() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    @Test("many who ask at once → one load")
    func shared() async throws {
        source.change { $0.isHeld = true }
        let cache = cache
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 1...50 {
                group.addTask { try await cache.credentials().accessKeyID }
            }
            try await Task.sleep(for: .milliseconds(50))
            source.change { $0.isHeld = false }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys == ["K1"])
        #expect(source.loads == 1)
    }

    @Test("credentials without an end → loaded once")
    func endless() async throws {
        source.change { $0.life = nil }
        _ = try await key()
        clock.advance(.hours(1000))
        #expect(try await key() == "K1")
    }

    @Test("fifteen minutes before the end → the old ones meanwhile, then the new ones")
    func advisory() async throws {
        _ = try await key()
        clock.advance(.minutes(44))
        #expect(try await key() == "K1")
        #expect(source.loads == 1)
        source.change { $0.isHeld = true }
        clock.advance(.minutes(2))
        #expect(try await key() == "K1")
        #expect(try await key() == "K1")
        source.change { $0.isHeld = false }
        #expect(try await eventually { try await key() == "K2" })
        #expect(source.loads == 2)
    }

    @Test("ten minutes before the end → whoever asks waits for the new ones")
    func mandatory() async throws {
        _ = try await key()
        clock.advance(.minutes(51))
        #expect(try await key() == "K2")
    }

    @Test(
        "a renewal that fails → the old ones to their end, with pauses; then the error"
    )
    func failing() async throws {
        _ = try await key()
        source.change { $0.failure = CredentialFailure("away", isTransient: true) }
        clock.advance(.minutes(51))
        #expect(try await key() == "K1")
        #expect(try await key() == "K1")
        #expect(source.loads == 2)
        clock.advance(31)
        #expect(try await key() == "K1")
        #expect(source.loads == 3)
        clock.advance(.minutes(9))
        await #expect(throws: CredentialFailure("away", isTransient: true)) { try await key() }
        source.change { $0.failure = nil }
        #expect(try await key() != "K1")
    }

    @Test("credentials of a short life → not renewed at every ask")
    func short() async throws {
        source.change { $0.life = 600 }
        for _ in 1...5 { _ = try await key() }
        clock.advance(299)
        #expect(try await key() == "K1")
        #expect(source.loads == 1)
        clock.advance(200)
        #expect(try await key() == "K2")
    }

    @Test("credentials that have ended already → refused; those of a machine's role → used")
    func expired() async throws {
        source.change { $0.life = -60 }
        await #expect(throws: CredentialFailure("the credentials of a test have expired")) {
            try await key()
        }
        source.change { $0.mayOutlive = true }
        #expect(try await key() == "K2")
        clock.advance(119)
        #expect(try await key() == "K2")
        #expect(source.loads == 2)
        clock.advance(.minutes(9))
        #expect(try await eventually { try await key() == "K3" })
    }

    @Test("a role's service away at the end of its credentials → the old ones go on")
    func stability() async throws {
        source.change { $0.mayOutlive = true }
        _ = try await key()
        source.change { $0.failure = CredentialFailure("away", isTransient: true) }
        clock.advance(.hours(2))
        #expect(try await key() == "K1")
        #expect(try await key() == "K1")
        #expect(source.loads == 2)
    }

    @Test("invalidated → the next ask loads; invalidated by many at once → one load")
    func invalidation() async throws {
        source.change { $0.life = nil }
        _ = try await key()
        let cache = cache
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...20 { group.addTask { await cache.invalidate() } }
        }
        #expect(try await key() == "K2")
        #expect(source.loads == 2)
    }
}
