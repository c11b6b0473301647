package import Training

/// Credentials that are renewed before they end, once for all who ask.
///
/// Fifteen minutes before their end one renewal begins and everybody goes on with the old ones;
/// from ten minutes before, whoever asks waits for it. Both spans are botocore's; credentials of a
/// short life get a half and a quarter of it. When a renewal fails, the old serve to their end.
package actor CachedCredentials: CredentialSource {
    private static let advisory: Seconds = 900
    private static let mandatory: Seconds = 600
    /// After a renewal that failed while the old ones still serve.
    private static let pause: Seconds = 30

    /// Gives credentials, or a failure that says what to do.
    package typealias Load = @Sendable () async throws(CredentialFailure) -> FoundCredentials

    private let load: Load
    private let clock: any WallClock
    private var cached: Cached?
    private var renewal: Renewal?
    private var renewals = 0

    private struct Cached {
        var found: FoundCredentials
        /// Nil: they are never renewed.
        var expiration: Timestamp?
        /// From when one renewal is due, and from when everybody waits for it.
        var due: Timestamp?
        var urgent: Timestamp?
    }

    private struct Renewal {
        var number: Int
        var task: Task<Result<FoundCredentials, CredentialFailure>, Never>
    }

    package init(clock: any WallClock, load: @escaping Load) {
        self.clock = clock
        self.load = load
    }

    package init(_ chain: CredentialChain, clock: any WallClock) {
        self.init(clock: clock) { () async throws(CredentialFailure) in try await chain.load() }
    }

    package func credentials() async throws(CredentialFailure) -> AWSCredentials {
        try await found().credentials
    }

    /// The credentials and where they come from, for people who look for a mistake.
    package func found() async throws(CredentialFailure) -> FoundCredentials {
        guard let cached, !isUrgent(cached) else { return try await renewed() }
        if let due = cached.due, due <= clock.now() { _ = begin() }
        return cached.found
    }

    package func invalidate() {
        // Where nothing is cached, what is under way is newer than what was refused.
        guard cached != nil else { return }
        cached = nil
        renewal = nil
    }

    private func isUrgent(_ cached: Cached) -> Bool {
        cached.urgent.map { $0 <= clock.now() } ?? false
    }

    private func renewed() async throws(CredentialFailure) -> FoundCredentials {
        let result = await begin().task.value
        if case .failure(let failure) = result {
            // Those that were there may still serve.
            if let cached, cached.expiration.map({ $0 > clock.now() }) ?? true {
                return cached.found
            }
            throw failure
        }
        return try result.get()
    }

    /// The renewal under way, or a new one.
    private func begin() -> Renewal {
        if let renewal { return renewal }
        renewals += 1
        let number = renewals
        let renewal = Renewal(
            number: number,
            task: Task {
                let result: Result<FoundCredentials, CredentialFailure>
                do throws(CredentialFailure) {
                    result = .success(try await load())
                } catch {
                    result = .failure(error)
                }
                return finish(number, result)
            })
        self.renewal = renewal
        return renewal
    }

    private func finish(
        _ number: Int, _ result: Result<FoundCredentials, CredentialFailure>
    ) -> Result<FoundCredentials, CredentialFailure> {
        // One that was invalidated meanwhile still serves those who wait for it, and nobody else.
        let isCurrent = renewal?.number == number
        if isCurrent { renewal = nil }
        let now = clock.now()
        switch result {
        case .success(let found):
            let mayServe = found.mayOutliveExpiration
            if let end = found.credentials.expiration, end <= now, !mayServe {
                let failure = CredentialFailure("the credentials of \(found.place) have expired")
                return finishFailed(failure, isCurrent, at: now)
            }
            if isCurrent { cached = CachedCredentials.entry(found, at: now) }
            return result
        case .failure(let failure):
            return finishFailed(failure, isCurrent, at: now)
        }
    }

    private func finishFailed(
        _ failure: CredentialFailure, _ isCurrent: Bool, at now: Timestamp
    ) -> Result<FoundCredentials, CredentialFailure> {
        guard isCurrent, var old = cached else { return .failure(failure) }
        if old.found.mayOutliveExpiration, failure.isTransient, let end = old.expiration,
            end <= now + CachedCredentials.pause
        {
            cached = CachedCredentials.stretched(old.found, at: now)
            return .success(old.found)
        }
        old.due = now + CachedCredentials.pause
        old.urgent = old.expiration.map { min($0, now + CachedCredentials.pause) }
        cached = old
        return .failure(failure)
    }

    private static func entry(_ found: FoundCredentials, at now: Timestamp) -> Cached {
        guard let end = found.credentials.expiration else { return Cached(found: found) }
        if found.mayOutliveExpiration, end <= now + mandatory { return stretched(found, at: now) }
        let life = end.since(now).count
        return Cached(
            found: found, expiration: end,
            due: end - min(advisory, Seconds(life / 2)),
            urgent: end - min(mandatory, Seconds(life / 4)))
    }

    /// The role's service is behind: another look in two to ten minutes, at random so that a fleet
    /// does not ask all at once (the AWS SDKs' rule of static stability).
    private static func stretched(_ found: FoundCredentials, at now: Timestamp) -> Cached {
        let due = now + Seconds(Int.random(in: 120...600))
        let end = due + advisory
        return Cached(found: found, expiration: end, due: due, urgent: end)
    }
}
