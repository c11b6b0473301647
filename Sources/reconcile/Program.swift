import ArgumentParser

/// One invocation: arguments in, exit code out.
///
/// Tests run it with their own surroundings.
struct Program: Sendable {
    var surroundings: Surroundings
    var output: Output

    init(surroundings: Surroundings, output: Output? = nil) {
        self.surroundings = surroundings
        self.output =
            output
            ?? Output(
                masking: Masking(environment: surroundings.environment),
                manner: Output.Manner(terminal: surroundings.terminal))
    }

    /// Runs the command that `arguments` name; never throws, everything ends in an exit code.
    func run(_ arguments: [String]) async -> ExitReason {
        let isColourWanted = surroundings.environment["NO_COLOR", default: ""].isEmpty
        output.adopt(format: .text, isColourWanted: isColourWanted)
        do {
            var command = try RootCommand.parseAsRoot(arguments)
            guard let reporting = command as? any ReportingCommand else {
                // Help: it ends by throwing its text.
                try command.run()
                return .success
            }
            let options = reporting.common.output
            output.adopt(
                format: options.output, isColourWanted: isColourWanted && !options.isColourless)
            return await perform(reporting)
        } catch {
            return report(error)
        }
    }

    private func perform(_ command: some ReportingCommand) async -> ExitReason {
        do throws(CommandFailure) {
            let flags = command.common.settings.merging(command.ownSettings) { _, own in own }
            let configuration = try Configuration(flags: flags, in: surroundings)
            let workplace = Workplace(
                surroundings: surroundings, output: output, configuration: configuration)
            return try await command.perform(in: workplace)
        } catch {
            output.fail(error)
            return error.exit
        }
    }

    /// Help and completion scripts go to standard output; misuse is an error, exit 1 like others.
    private func report(_ error: any Error) -> ExitReason {
        let columns = surroundings.terminal.width ?? 80
        let text = RootCommand.fullMessage(for: error, columns: columns)
        guard RootCommand.exitCode(for: error) != .success else {
            output.line(text)
            return .success
        }
        output.line(text, to: .error)
        return .error
    }
}
