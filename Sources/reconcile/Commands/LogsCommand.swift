import ArgumentParser
import Checkpoints
import Planning
import Training

/// `reconcile logs RUN`.
struct LogsCommand: ReportingCommand {
    enum Stream: String, ExpressibleByArgument, CaseIterable, Sendable {
        case setup
        case run
        case agent
    }

    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what a run printed.",
        discussion: "Without a stream it shows the setup, then the run itself.")

    @Argument(help: "The run.")
    var run: RunArgument

    @Option(help: "The attempt; default: the newest one.")
    var attempt: Int?

    @Flag(help: "Every attempt from the first one on, as one log.")
    var allAttempts = false

    @Option(help: "Only this stream: setup, run or agent.")
    var stream: Stream?

    @Flag(
        name: [.customShort("f"), .long],
        help: "Go on showing what is added, in later attempts too, until interrupted.")
    var follow = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard attempt == nil || !allAttempts else {
            throw ValidationError("--attempt and --all-attempts exclude each other")
        }
    }

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        let output = workplace.output
        var number = try await chosenAttempt(reader)
        if allAttempts {
            for earlier in 1..<number {
                var log = log(of: earlier, reader)
                let pieces = try await log.next()
                guard !pieces.isEmpty else { continue }
                output.note("--- attempt \(earlier) ---")
                pieces.forEach { output.pass($0) }
            }
            output.note("--- attempt \(number) ---")
        }
        var follower = log(of: number, reader)
        let first = try await follower.next()
        first.forEach { output.pass($0) }
        guard follow else {
            if first.isEmpty { output.note("attempt \(number) of \(run.name) has no log yet") }
            return .success
        }
        try await Following.untilStopped { () async throws(CommandFailure) in
            try await follower.next().forEach { output.pass($0) }
            guard attempt == nil else { return }
            let newest = try await chosenAttempt(reader)
            guard newest != number else { return }
            // The old one may have been written to since the look above.
            try await follower.next().forEach { output.pass($0) }
            number = newest
            output.note("--- attempt \(number) ---")
            follower = log(of: number, reader)
        }
        return .success
    }

    private func log(of attempt: Int, _ reader: RecordReader) -> LogFollower {
        LogFollower(
            store: reader.records.store, run: run.name, attempt: attempt,
            stream: stream?.rawValue)
    }

    private func chosenAttempt(_ reader: RecordReader) async throws(CommandFailure) -> Int {
        let observed = try await reader.observeKnown(run.name)
        let numbers = observed.ledger?.attempts.map(\.number) ?? []
        guard let newest = numbers.last else {
            throw CommandFailure("\(run.name) has no attempt yet")
        }
        guard let attempt else { return newest }
        guard (1...newest).contains(attempt) else {
            throw CommandFailure(
                "\(run.name) has no attempt \(attempt)", advice: "its attempts are 1 to \(newest)")
        }
        return attempt
    }
}
