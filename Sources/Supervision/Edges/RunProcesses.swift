import Glibc
import Processes
import Training

/// The processes of setup and run: started through one tree, so that none of them escapes.
final class RunProcesses: Sendable {
    private let tree: ProcessTree
    private let directory: String

    /// `name` is unique on this machine; it names the control group where one can be made.
    init(name: String, directory: String, adoptsOrphans: Bool) {
        tree = ProcessTree(
            mark: .randomRun(), controlGroup: .make(named: "holdfast-\(name)"),
            adoptsOrphans: adoptsOrphans)
        self.directory = directory
    }

    /// Starts a command for a shell; its output and errors are appended to `log`.
    ///
    /// With an account it runs as that user does after a login: profiles are what gives a machine
    /// image's users their paths.
    func start(
        _ command: AgentCommand, as account: Account?, log: String
    ) async throws(SpawnFailure) -> ChildProcess {
        // `pipefail`: a trainer that fails before `| tee` is a failure.
        let shell = ["bash"] + (account == nil ? [] : ["-l"])
        var environment = RunProcesses.inherited
        if let account { environment.merge(RunProcesses.variables(of: account)) { $1 } }
        var spawned = Command(
            shell + ["-o", "pipefail", "-c", command.text],
            environment: environment.merging(command.environment) { $1 }, directory: directory)
        spawned.account = account
        spawned.output = .append(path: log)
        spawned.errors = .append(path: log)
        return try await tree.spawn(spawned)
    }

    private static func variables(of account: Account) -> [String: String] {
        [
            "HOME": account.home, "USER": account.name, "LOGNAME": account.name,
            "SHELL": account.shell,
        ]
    }

    /// Waits until the command and everything that it left behind are gone.
    func waitForEnd(of child: ChildProcess) async -> (status: WaitStatus?, outlived: Bool) {
        let status = await child.wait()
        // A pipeline's parts end within moments of each other; that is not outliving.
        if (try? await tree.waitUntilEmpty(within: .milliseconds(300))) == true {
            return (status, false)
        }
        while !Task.isCancelled {
            if (try? await tree.waitUntilEmpty(within: .seconds(3_600))) == true { break }
            // A failed scan says nothing: look again.
            try? await Task.sleep(for: .milliseconds(200))
        }
        return (status, true)
    }

    /// Waits until the command has ended, and ends what it left running: nothing of setup is
    /// there when the trainer starts, or a daemon would keep the run from ever ending.
    ///
    /// What is left after `grace` gets SIGKILL, and its names are given.
    func waitForEnd(
        of setup: ChildProcess, grace: Duration
    ) async -> (status: WaitStatus?, killed: [String]) {
        let status = await setup.wait()
        if (try? await tree.waitUntilEmpty(within: grace)) == true { return (status, []) }
        let killed = ((try? tree.living()) ?? []).map(RunProcesses.name)
        // Not the tree's own kill, which would end its control group too.
        for _ in 0..<300 {
            _ = try? tree.signal(SIGKILL)
            if (try? await tree.waitUntilEmpty(within: .milliseconds(100))) == true { break }
        }
        return (status, killed)
    }

    private static func name(of process: ProcessIdentity) -> String {
        let name = (try? FileSystem.read("/proc/\(process.pid)/comm", limit: 64)) ?? nil
        return String(decoding: (name ?? []).prefix { $0 != 10 }, as: UTF8.self)
    }

    /// To every process but the `tee`s: those end with the trainer, whose next line of output would
    /// kill it in the middle of its last save if they went first.
    func signal(_ signal: StopPolicy.Signal) throws(FileFailure) -> Int {
        try tree.living().filter { !RunProcesses.isTee($0) && $0.signal(signal.number) }.count
    }

    private static func isTee(_ process: ProcessIdentity) -> Bool {
        name(of: process) == "tee"
    }

    /// SIGKILL until none is left; gives the number of those that did not go in 30 s.
    func kill() async throws(FileFailure) -> Int {
        try await tree.kill(within: .seconds(30)).count
    }

    /// What the commands inherit from the agent: everything but Holdfast's own variables.
    ///
    /// The marks by which a machine knows its processes are handed down by the tree.
    static var inherited: [String: String] {
        Command.currentEnvironment.filter { name, _ in !name.hasPrefix("HOLDFAST_") }
    }
}

extension StopPolicy.Signal {
    var number: Int32 {
        switch self {
        case .TERM: SIGTERM
        case .INT: SIGINT
        case .HUP: SIGHUP
        case .USR1: SIGUSR1
        case .USR2: SIGUSR2
        }
    }
}

extension ExitStatus {
    init(_ status: WaitStatus) {
        switch status {
        case .exited(let code): self.init(code: Int(code))
        case .signalled(let number): self.init(signal: Int(number))
        }
    }
}
