package import Training

/// The simulated queues of all regions: at least once, in no promised order.
package struct SimulatedSQS: Sendable {
    package struct Message: Hashable, Sendable {
        package let id: String
        package let body: String
        package let sent: Timestamp
        /// Changes with each receive; the newest one deletes.
        package var receipt: String
        package var receives: Int
        var visibleFrom: Timestamp
    }

    private struct Name: Hashable {
        var region: String
        var queue: String
    }

    /// How long a message is kept; SQS: 4 days.
    package var retention = Seconds.hours(96)
    private var queues: [Name: [Message]] = [:]
    private var posted = 0

    package init() {}

    package mutating func createQueue(_ queue: String, in region: String) {
        let name = Name(region: region, queue: queue)
        queues[name] = queues[name] ?? []
    }

    package func hasQueue(_ queue: String, in region: String) -> Bool {
        queues[Name(region: region, queue: queue)] != nil
    }

    /// Puts a message into a queue, as EventBridge does; a queue that does not exist loses it.
    package mutating func post(
        _ body: String, to queue: String, in region: String, at now: Timestamp
    ) {
        posted += 1
        queues[Name(region: region, queue: queue)]?.append(
            Message(
                id: "message-\(posted)", body: body, sent: now, receipt: "", receives: 0,
                visibleFrom: now))
    }

    package mutating func sendMessage(
        _ body: String, to queue: String, in region: String, at now: Timestamp
    ) throws(CloudFailure) -> String {
        guard hasQueue(queue, in: region) else { throw Self.noQueue }
        guard body.utf8.count <= 1_048_576 else {
            throw CloudFailure(
                "InvalidParameterValue", "One or more parameters are invalid: message too long.")
        }
        post(body, to: queue, in: region, at: now)
        return "message-\(posted)"
    }

    /// Up to ten visible messages, which then hide for `visibility`.
    package mutating func receiveMessages(
        from queue: String, in region: String, most: Int = 1, visibility: Seconds = 30,
        at now: Timestamp
    ) throws(CloudFailure) -> [Message] {
        let name = Name(region: region, queue: queue)
        guard var messages = queues[name] else { throw Self.noQueue }
        guard (1...10).contains(most), (0...43_200).contains(visibility.count) else {
            throw .invalid("MaxNumberOfMessages is 1 to 10, VisibilityTimeout 0 to 43200.")
        }
        messages.removeAll { now.since($0.sent) > retention }
        var found: [Message] = []
        for at in messages.indices where found.count < most && messages[at].visibleFrom <= now {
            messages[at].receives += 1
            messages[at].receipt = "\(messages[at].id):\(messages[at].receives)"
            messages[at].visibleFrom = now + visibility
            found.append(messages[at])
        }
        queues[name] = messages
        return found
    }

    /// Deletes by the newest receipt; an older one, or one of a deleted message, does nothing.
    package mutating func deleteMessage(
        _ receipt: String, from queue: String, in region: String
    ) throws(CloudFailure) {
        guard hasQueue(queue, in: region) else { throw Self.noQueue }
        queues[Name(region: region, queue: queue)]?.removeAll {
            $0.receives > 0 && $0.receipt == receipt
        }
    }

    private static let noQueue = CloudFailure(
        "QueueDoesNotExist", "The specified queue does not exist.")
}
