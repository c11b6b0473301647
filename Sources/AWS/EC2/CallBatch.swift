import Training

/// Gathers calls about single machines that come close together into one call.
actor CallBatch<Answer: Sendable> {
    /// One for each machine that was asked about.
    typealias Answers = [InstanceID: Result<Answer, ProviderFailure>]
    private typealias Waiter = CheckedContinuation<Result<Answer, ProviderFailure>, Never>

    /// How long the first call waits for others.
    private static var window: Duration { .milliseconds(50) }

    private let limit: Int
    private let clock: any WallClock
    private let send: @Sendable ([InstanceID]) async -> Answers
    private var waiting: [InstanceID: [Waiter]] = [:]
    private var timer: Task<Void, Never>?

    /// `send` gets at most `limit` ids, sorted.
    init(
        limit: Int, clock: any WallClock,
        send: @escaping @Sendable ([InstanceID]) async -> Answers
    ) {
        self.limit = limit
        self.clock = clock
        self.send = send
    }

    /// Ends when the call does, whose own deadline bounds it; a cancelled caller waits as well,
    /// since the call may have been sent.
    func answer(for id: InstanceID) async throws(ProviderFailure) -> Answer {
        let result = await withCheckedContinuation { (waiter: Waiter) in
            waiting[id, default: []].append(waiter)
            if waiting.count >= limit {
                flush()
            } else if timer == nil {
                timer = Task { await self.flushLater() }
            }
        }
        return try result.get()
    }

    private func flushLater() async {
        try? await clock.sleep(for: CallBatch.window)
        // A full batch has gone meanwhile, and the next one has its own timer.
        if !Task.isCancelled { flush() }
    }

    private func flush() {
        timer?.cancel()
        timer = nil
        let batch = waiting
        waiting = [:]
        let send = send
        Task {
            let answers = await send(batch.keys.sorted())
            for (id, waiters) in batch {
                let answer = answers[id] ?? .failure(.unavailable("no answer about \(id)"))
                for waiter in waiters { waiter.resume(returning: answer) }
            }
        }
    }
}
