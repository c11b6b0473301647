import ArgumentParser
import Glibc
import Processes

/// AWS on a port of this machine: EC2, S3, STS, SSM and SQS as a strict model has them, and
/// instances whose user data really runs.
struct DoubleProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AWSDouble",
        abstract: "AWS on a port of this machine, for tests and for trying things by hand.",
        discussion: """
            Prints one line with its address when it is ready. Ends on SIGTERM or SIGINT, and when \
            its standard input closes, and takes its machines with it. Not for anything but tests: \
            its secrets are public.
            """)

    @Option(help: "The port; 0 takes a free one.")
    var port = 0

    @Option(help: "Where machines keep their files; a new directory below /tmp when left out.")
    var root: String?

    @Option(help: "Regions that exist, separated by commas.")
    var regions = "us-east-1,us-east-2,us-west-2,eu-central-1"

    @Option(help: "Seconds of the double in one real second.")
    var timeScale = 1.0

    @Option(help: "What all chance in the model comes from.")
    var seed: UInt64 = 1

    @Flag(help: "EC2's own spans of time and throttles, not those of tests.")
    var real = false

    @Flag(help: "Run the user data of instances.")
    var boot = false

    mutating func validate() throws {
        guard timeScale > 0, timeScale <= 10_000 else {
            throw ValidationError("--time-scale must be above 0 and at most 10000")
        }
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be between 0 and 65535")
        }
    }

    func run() throws {
        // First of all: threads that are there already would be struck by these signals.
        guard let signals = SignalQueue(taking: [SIGTERM, SIGINT, SIGHUP, SIGPIPE]) else {
            throw ValidationError("signals cannot be taken over")
        }
        let double = try RunningDouble(self)
        Announcement.write("AWS double on http://127.0.0.1:\(double.port)")
        _ = blocking { await DoubleProgram.end(signals) }
        _ = blocking { await double.end() }
    }

    /// Returns when the double is to end.
    private static func end(_ signals: SignalQueue) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    let signal = await signals.next(within: .seconds(60))
                    if signal == SIGTERM || signal == SIGINT { return true }
                }
                return false
            }
            group.addTask { await inputCloses() }
            _ = await group.next()
            group.cancelAll()
        }
    }

    /// Reads and forgets standard input until its end.
    private static func inputCloses() async -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while !Task.isCancelled {
            guard await isReadable(0, within: .seconds(60)) else { continue }
            if read(0, &bytes, bytes.count) <= 0 { return true }
        }
        return false
    }
}

/// Where the double speaks to whoever started it.
enum Announcement {
    static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(1, bytes, bytes.count)
    }
}
