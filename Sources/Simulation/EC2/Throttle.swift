import Training

/// EC2's token buckets for one region (EC2 developer guide, "Request throttling").
struct Throttle: Sendable {
    enum Bucket: String, Sendable {
        /// Non-mutating, with paging or a filter.
        case describe
        /// DescribeInstances and its like with neither.
        case describeAll
        case mutate
        case run = "RunInstances"
        case start = "StartInstances"
        case stop = "StopInstances"
        case terminate = "TerminateInstances"
        case tag = "CreateTags"
    }

    private struct Level: Sendable {
        let most: Double
        let perSecond: Double
        var held: Double
        var since: Timestamp

        init(_ most: Double, _ perSecond: Double, at now: Timestamp) {
            (self.most, self.perSecond, held, since) = (most, perSecond, most, now)
        }

        mutating func fill(to now: Timestamp) {
            let seconds = Double(now.milliseconds - since.milliseconds) / 1000
            held = min(most, held + seconds * perSecond)
            since = now
        }
    }

    /// Others of the account take every token as it comes.
    var isExhausted = false
    private var requests: [Bucket: Level]
    private var resources: [Bucket: Level]

    init(at now: Timestamp) {
        requests = [
            .describe: Level(100, 20, at: now), .describeAll: Level(50, 10, at: now),
            .mutate: Level(50, 5, at: now), .run: Level(5, 2, at: now),
            .start: Level(5, 2, at: now), .stop: Level(50, 5, at: now),
            .terminate: Level(100, 5, at: now), .tag: Level(100, 10, at: now),
        ]
        resources = [
            .run: Level(1000, 2, at: now), .start: Level(1000, 2, at: now),
            .stop: Level(1000, 20, at: now), .terminate: Level(1000, 20, at: now),
        ]
    }

    /// Takes a token for the request and one for each resource; nothing is taken on a refusal.
    mutating func take(_ bucket: Bucket, resources count: Int, at now: Timestamp) -> Bool {
        requests[bucket]?.fill(to: now)
        resources[bucket]?.fill(to: now)
        guard !isExhausted, (requests[bucket]?.held ?? 1) >= 1,
            (resources[bucket]?.held ?? Double(count)) >= Double(count)
        else { return false }
        requests[bucket]?.held -= 1
        resources[bucket]?.held -= Double(count)
        return true
    }

    /// Empties every bucket, as another tool of the account may have done.
    mutating func drain(at now: Timestamp) {
        for bucket in requests.keys {
            requests[bucket]?.fill(to: now)
            requests[bucket]?.held = 0
        }
    }
}

extension SimulatedEC2 {
    /// Another tool of the account has just used up every request bucket.
    package mutating func drainThrottle() {
        throttle.drain(at: now)
    }

    /// From now on other tools use up every request, or do so no more.
    package mutating func setExhausted(_ isExhausted: Bool) {
        throttle.isExhausted = isExhausted
    }
}
