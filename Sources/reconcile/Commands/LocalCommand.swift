import ArgumentParser
import Local
import Training

/// `reconcile local`: the machines of the embedded provider.
struct LocalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Look at and take away the machines of the embedded provider.",
        subcommands: [LocalListCommand.self, LocalInterruptCommand.self, LocalResetCommand.self])
}

/// `reconcile local list`.
struct LocalListCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the machines.")

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let provider = try await Wiring(workplace).localProvider()
        do {
            workplace.output.show(InstancesView(instances: try await provider.list()))
        } catch {
            throw CommandFailure(error.description)
        }
        return .success
    }
}

/// `reconcile local interrupt RUN`.
struct LocalInterruptCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Take a run's machine away, as spot would.",
        discussion: "EC2 gives 2 minutes of notice; here it is 10 seconds unless you say.")

    @Argument(help: "The run.")
    var run: RunArgument

    @Option(help: ArgumentHelp("How long before it goes (default: 10s).", valueName: "span"))
    var notice: SpanArgument?

    @Flag(name: .customLong("no-notice"), help: "At once, as a machine that fails.")
    var isSudden = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if notice != nil && isSudden {
            throw ValidationError("--notice and --no-notice exclude each other")
        }
    }

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let provider = try await Wiring(workplace).localProvider()
        let span = notice?.span ?? 10
        do {
            let machines = try await provider.list().filter {
                $0.run == run.name && $0.state == .running
            }
            guard let machine = machines.max(by: { ($0.attempt ?? 0) < ($1.attempt ?? 0) }) else {
                throw CommandFailure(
                    "\(run.name) has no running machine",
                    advice: "`reconcile local list` shows those there are")
            }
            try await provider.interrupt(machine.id, notice: isSudden ? nil : span.duration)
            workplace.output.show(
                MessageView(
                    result: "Interrupted",
                    message: "\(machine.id) of \(run.name) "
                        + (isSudden ? "is gone." : "goes in \(span).")))
        } catch let failure as CommandFailure {
            throw failure
        } catch let failure as ProviderFailure {
            throw CommandFailure(failure.description)
        } catch {
            throw CommandFailure("\(error)")
        }
        return .success
    }
}

/// `reconcile local reset`.
struct LocalResetCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "End every machine of this state at once, and forget it.",
        discussion: """
            Without grace and without saving, for cleaning up. Records and committed checkpoints \
            stay; a run that was training goes on from them once its machine has been missing for \
            five minutes. To lose a machine and go on at once: reconcile local interrupt.
            """)

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let provider = try await Wiring(workplace).localProvider()
        do {
            let count = try await provider.list().count { !$0.state.hasEnded }
            try await provider.reset()
            workplace.output.show(
                MessageView(
                    result: "Reset",
                    message: "\(count) machine\(count == 1 ? "" : "s") ended; none is left."))
        } catch {
            throw CommandFailure(error.description)
        }
        return .success
    }
}
