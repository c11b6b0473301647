package import Training

/// The one step that is under way, its number, and its tries.
package struct StepTrack: Hashable, Sendable {
    private var lastNumber = 0
    private var current: AgentStep?
    private var isUnderWay = false
    private var since: Timestamp?
    private var backoff = Backoff()

    package init() {}

    package var step: AgentStep? { current }

    package mutating func begin(_ step: AgentStep, at now: Timestamp) -> AgentEffect {
        current = step
        since = now
        backoff = Backoff()
        return send(step)
    }

    /// The answer to a step is here; nil when that step was abandoned.
    package mutating func ended(_ number: Int) -> AgentStep? {
        guard number == lastNumber, isUnderWay, let step = current else { return nil }
        isUnderWay = false
        current = nil
        return step
    }

    /// The answer was a failure: tries again later, unless `limit` has passed since the first try.
    package mutating func failed(_ step: AgentStep, limit: Seconds, at now: Timestamp) -> Bool {
        guard let since, now.since(since) < limit else { return false }
        current = step
        backoff.failed(at: now)
        return true
    }

    package mutating func abandon() {
        current = nil
        isUnderWay = false
    }

    package var retryAt: Timestamp? { current == nil || isUnderWay ? nil : backoff.retryAt }

    package mutating func retry(at now: Timestamp) -> AgentEffect? {
        guard let current, let retryAt, retryAt <= now else { return nil }
        return send(current)
    }

    private mutating func send(_ step: AgentStep) -> AgentEffect {
        lastNumber += 1
        isUnderWay = true
        return .step(lastNumber, step)
    }
}
