import ArgumentParser
import Testing
import Training

@testable import reconcile

@Suite struct HelpTests {
    /// Every command by the words that name it; the root is empty.
    static let commands: [[String]] = paths(of: RootCommand.self, [])

    private static func paths(
        of command: any ParsableCommand.Type, _ path: [String]
    ) -> [[String]] {
        return [path]
            + command.configuration.subcommands.flatMap { child in
                paths(of: child, path + [child.configuration.commandName ?? ""])
            }
    }

    @Test("every command, asked for help → the text that was looked at", arguments: commands)
    func help(path: [String]) async throws {
        let asked = await Invocation.run(path + ["--help"])
        #expect(asked.exit == .success)
        #expect(asked.errors.isEmpty)
        let name = "help" + path.map { "-\($0)" }.joined() + ".txt"
        try Golden.expect(String(asked.output.dropLast()), name)
        if !path.isEmpty {
            let helped = await Invocation.run(["help"] + path)
            #expect(helped.output == asked.output)
        }
    }

    @Test("golden help files → none without a command")
    func noLeftOver() {
        let wanted = Self.commands.map { "help" + $0.map { "-\($0)" }.joined() + ".txt" }
        #expect(Golden.names.filter { $0.hasPrefix("help") } == Set(wanted))
    }

    @Test(
        "misuse → exit 1, the usage on standard error",
        arguments: [
            ["--wait", "5m"], ["plan", "--once"], ["--once", "--wait", "5"], ["explain"],
            ["explain", "No_Such_Name"],
            ["local", "interrupt", "a", "--notice", "1s", "--no-notice"],
            ["--plan", "x"], ["nonsense"], ["-o", "yaml"],
        ])
    func misuse(arguments: [String]) async {
        let run = await Invocation.run(arguments)
        #expect(run.exit == .error)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Usage: reconcile") || run.errors.contains("See 'reconcile"))
    }

    @Test(
        "a common option → the same before and after the subcommand",
        arguments: [["-o", "json", "plan"], ["plan", "-o", "json"]])
    func position(arguments: [String]) throws {
        let command = try #require(
            RootCommand.parseAsRoot(arguments) as? any ReportingCommand)
        #expect(command.common.output.output == .json)
        #expect(command is PlanCommand)
    }

    @Test("no subcommand → reconciles, with or without --once")
    func defaultCommand() throws {
        let once = try #require(
            RootCommand.parseAsRoot(["--once", "--wait", "5m", "--ref", "main"])
                as? ReconcileCommand)
        #expect(once.once)
        #expect(once.wait?.span == 300)
        #expect(once.common.source.ref == "main")
        #expect(try RootCommand.parseAsRoot([]) is ReconcileCommand)
    }
}
