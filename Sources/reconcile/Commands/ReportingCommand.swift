import ArgumentParser

/// A command of `reconcile`: its arguments become calls, and what comes back becomes a view.
///
/// Commands never print; they hand views to the workplace's output.
protocol ReportingCommand: ParsableCommand, Sendable {
    var common: CommonOptions { get }

    /// Settings that this command alone has flags for.
    var ownSettings: [SettingKey: String] { get }

    /// Does the work. Throws `CommandFailure` with what the person can do.
    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason
}

extension ReportingCommand {
    var ownSettings: [SettingKey: String] { [:] }
}

/// What a command works with.
struct Workplace: Sendable {
    var surroundings: Surroundings
    var output: Output
    var configuration: Configuration
}
