import ArgumentParser
import ControlServer
import Local
import Logging
import Planning
import Reconciliation
import Training

/// `reconcile` and `reconcile --once`.
struct ReconcileCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Reconcile: for as long as it runs, or --once.",
        discussion: """
            This is what `reconcile` does without a subcommand. It looks at the repository each \
            --interval and at machines and records as often as it has to. SIGTERM and SIGINT end \
            it cleanly; training goes on without it.

            Exit codes of --once: 0 in sync or applied; 1 error; 2 there were changes \
            (--detailed-exitcode); 3 blocked by the fuse, a held revision or (--fail-on-held) a \
            held run; 4 not converged within --wait. Where several hold: 1, 3, 4, 2, 0.
            """)

    @Flag(help: "Apply once, and end.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "With --once: wait at most this long until all is as declared.", valueName: "span"))
    var wait: SpanArgument?

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "With --once: apply this saved plan, unless anything has changed since.",
            valueName: "file"),
        completion: .file())
    var savedPlan: String?

    @Flag(
        name: .customLong("allow-rollback"),
        help: "Apply a commit that does not descend from the applied one.")
    var allowsRollback = false

    @Option(
        help: ArgumentHelp(
            "Without --once: how often the repository is looked at (1s to 1d, default 60s).",
            valueName: "span"))
    var interval: String?

    @Option(
        name: .customLong("log-format"), help: "Without --once: how it logs: text or json.",
        completion: .list(["text", "json"]))
    var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "Without --once: serve /metrics, /healthz and /readyz on this loopback address.",
            valueName: "host:port"))
    var listen: String?

    @OptionGroup var exit: ExitOptions
    @OptionGroup var common: CommonOptions

    var ownSettings: [SettingKey: String] {
        let given: [(SettingKey, String?)] = [
            (.interval, interval), (.logFormat, logFormat), (.listen, listen),
        ]
        return given.reduce(into: [:]) { result, pair in result[pair.0] = pair.1 }
    }

    func validate() throws {
        guard once else {
            if wait != nil { throw ValidationError("--wait needs --once") }
            if savedPlan != nil { throw ValidationError("--plan needs --once") }
            if exit.isDetailed { throw ValidationError("--detailed-exitcode needs --once") }
            if exit.failsOnHeld { throw ValidationError("--fail-on-held needs --once") }
            return
        }
    }

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let session = try await Wiring(workplace).session()
        try await session.publishAgent()
        return once
            ? try await reconcileOnce(session, workplace)
            : try await reconcileAlways(session, workplace)
    }

    // MARK: Once

    private func reconcileOnce(
        _ session: FleetSession, _ workplace: Workplace
    ) async throws(CommandFailure) -> ExitReason {
        var goal = ReconcilerGoal(
            mode: .once(wait: wait?.span ?? 0), allowRollback: allowsRollback)
        if let savedPlan {
            let document = try SavedPlan.read(workplace.surroundings.absolute(savedPlan))
            goal.onlyPlan = try await checked(document, session)
        }
        let output = workplace.output
        let isJSON = output.format == .json
        let progress = ProgressLines()
        let result = await session.run(goal, logger: OutputLog.silent) { occurrence in
            guard !isJSON, let line = progress.text(of: occurrence) else { return }
            output.note(line)
        }
        output.show(result.diagnostics)
        for failure in await session.failures(of: result) { output.fail(failure) }
        let isLate = wait != nil && !result.isConverged
        let reason = PassOutcome(result).exit(
            exit, changes: result.changedAnything, isLate: isLate)
        output.show(PassView(result: result, isLate: isLate, exit: reason))
        return session.wasStopped ? .error : reason
    }

    /// The saved plan as the loop's condition, after a look whether it still is the plan.
    private func checked(
        _ saved: PlanDocument, _ session: FleetSession
    ) async throws(CommandFailure) -> ReconcilerGoal.SavedPlan {
        let result = await session.plan()
        guard let plan = result.plan else {
            throw CommandFailure(result.problems.first ?? "nothing could be planned")
        }
        if let why = SavedPlan.staleness(of: saved, against: plan) {
            throw CommandFailure(
                "the saved plan is stale: \(why)",
                advice: "plan again: reconcile plan --out FILE")
        }
        return ReconcilerGoal.SavedPlan(
            id: plan.id, revision: plan.revision, sequence: plan.sequence)
    }

    // MARK: Always

    private func reconcileAlways(
        _ session: FleetSession, _ workplace: Workplace
    ) async throws(CommandFailure) -> ExitReason {
        let configuration = workplace.configuration
        let goal = ReconcilerGoal(
            mode: .continuous(interval: configuration.interval), allowRollback: allowsRollback)
        let logger = OutputLog.logger(workplace.output, configuration.logFormat)
        logger.info(
            "reconciling",
            metadata: [
                "scope": "\(session.context.scope)", "store": "\(session.context.storeURL)",
                "interval": "\(configuration.interval)",
            ])
        let clock = SystemClock()
        let board = StatusBoard(
            startedAt: clock.now(), version: ProgramVersion.text,
            interval: configuration.interval)
        let pages = try await serve(board, clock, configuration.listen, logger)
        defer { pages?.cancel() }
        _ = await session.run(goal, logger: logger) { board.note($0, at: clock.now()) }
        logger.info("stopped; training goes on")
        return .success
    }

    /// Returns once the pages are served, or with why they cannot be.
    private func serve(
        _ board: StatusBoard, _ clock: SystemClock, _ address: ListenAddress?, _ logger: Logger
    ) async throws(CommandFailure) -> Task<Void, Never>? {
        guard let address else { return nil }
        let (outcomes, continuation) = AsyncStream.makeStream(of: ControlServerFailure?.self)
        let serving = Task {
            do throws(ControlServerFailure) {
                try await ControlPages(board: board, clock: clock).serve(on: address) { port in
                    logger.info("listening", metadata: ["port": "\(port)"])
                    continuation.yield(nil)
                }
            } catch {
                continuation.yield(error)
            }
        }
        for await failure in outcomes {
            if let failure {
                throw CommandFailure("\(failure)", advice: "choose another with --listen")
            }
            break
        }
        return serving
    }
}
