package import Logging
import Processes
import Synchronization
package import Training

/// The agent's own log: one JSON object a line, in a file that is set aside when it has grown.
package struct JournalHandler: LogHandler {
    private static let sizeLimit = 16 << 20

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level = .info
    private let path: String
    private let clock: any WallClock
    private let lock: Lock

    /// Lets the copies of one handler write whole lines.
    private final class Lock: Sendable {
        let mutex = Mutex(())
    }

    package init(path: String, clock: any WallClock) {
        self.path = path
        self.clock = clock
        lock = Lock()
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata.mapValues { "\($0)" }
        for (key, value) in event.metadata ?? [:] { fields[key] = "\(value)" }
        let line = Line(
            time: clock.now(), level: "\(event.level)", message: "\(event.message)", fields: fields)
        let bytes = CanonicalJSON.encode(line) + [UInt8(ascii: "\n")]
        lock.mutex.withLock { _ in
            if let size = try? FileSystem.status(path)?.size, size > JournalHandler.sizeLimit {
                try? FileSystem.rename(path, to: "\(path).1")
            }
            // A full disk must not end the agent.
            guard let file = try? OpenFile(path, .append) else { return }
            try? file.write(bytes)
        }
    }

    private struct Line: Encodable {
        var time: Timestamp
        var level: String
        var message: String
        var fields: [String: String]
    }
}
