import Local
import Logging
import Training

/// Log lines to standard error through the output room, so that they are masked as all else.
struct OutputLog: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    private let output: Output
    private let format: Configuration.LogFormat
    private let clock: any WallClock

    private init(
        _ output: Output, _ format: Configuration.LogFormat, clock: any WallClock
    ) {
        self.output = output
        self.format = format
        self.clock = clock
    }

    static func logger(
        _ output: Output, _ format: Configuration.LogFormat,
        clock: any WallClock = SystemClock()
    ) -> Logger {
        Logger(label: "reconcile") { _ in OutputLog(output, format, clock: clock) }
    }

    /// For passes whose result a person reads.
    static var silent: Logger {
        Logger(label: "reconcile") { _ in SwiftLogNoOpLogHandler() }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    private struct Line: Encodable {
        var time: Timestamp
        var level: String
        var message: String
        var fields: [String: String]
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, own in own }
            .mapValues { "\($0)" }
        let now = clock.now()
        switch format {
        case .json:
            let line = Line(
                time: now, level: event.level.rawValue, message: "\(event.message)",
                fields: fields)
            output.line(
                String(decoding: CanonicalJSON.encode(line), as: UTF8.self), to: .error)
        case .text:
            let tail = fields.keys.sorted().map { " \($0)=\(fields[$0, default: ""])" }.joined()
            output.line(
                Plain.line("\(now) \(event.level.rawValue) \(event.message)\(tail)"), to: .error)
        }
    }
}
