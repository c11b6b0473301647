import Training

/// Keeps answers for a while; the same question is on its way only once.
actor AnswerCache<Question: Hashable & Sendable, Answer: Sendable> {
    private typealias Asking = Task<Result<Answer, ProviderFailure>, Never>

    private struct Entry {
        var since: Timestamp
        var asking: Asking
    }

    /// Nil: an answer never changes.
    private let lifetime: Seconds?
    private let limit: Int
    private let clock: any WallClock
    private var entries: [Question: Entry] = [:]

    /// `limit`: how many answers are kept; the oldest makes room.
    init(for lifetime: Seconds?, limit: Int, clock: any WallClock) {
        self.lifetime = lifetime
        self.limit = limit
        self.clock = clock
    }

    /// The answer; failures are not kept.
    func answer(
        to question: Question,
        ask: @escaping @Sendable () async throws(ProviderFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        let now = clock.now()
        if let known = entries[question], isFresh(known, at: now) {
            return try await known.asking.value.get()
        }
        makeRoom(at: now)
        // Its calls have deadlines; who asked first may be cancelled while others wait.
        let asking = Asking {
            do throws(ProviderFailure) {
                return .success(try await ask())
            } catch {
                return .failure(error)
            }
        }
        entries[question] = Entry(since: now, asking: asking)
        let answer = await asking.value
        if case .failure = answer, entries[question]?.asking == asking {
            entries[question] = nil
        }
        return try answer.get()
    }

    private func isFresh(_ entry: Entry, at now: Timestamp) -> Bool {
        guard let lifetime else { return true }
        return now < entry.since + lifetime
    }

    private func makeRoom(at now: Timestamp) {
        entries = entries.filter { isFresh($0.value, at: now) }
        while entries.count >= limit,
            let oldest = entries.min(by: { $0.value.since < $1.value.since })
        {
            entries[oldest.key] = nil
        }
    }
}
