import Glibc
import Processes

/// A started unit: its main process, whatever descends from it, and systemd's rules for its end.
actor UnitProcess {
    let name: String
    private let unit: UnitFile
    private let tree: ProcessTree
    private let environment: [String: String]
    private let directory: String
    private let console: Console
    private var main: ChildProcess?
    private var isWanted = true
    private var isDone = false

    init(
        _ name: String, _ unit: UnitFile, environment: [String: String], directory: String,
        console: Console
    ) {
        self.name = name
        self.unit = unit
        self.environment = environment.merging(unit.environment) { $1 }
        self.directory = unit.directory ?? directory
        self.console = console
        tree = ProcessTree(
            mark: EnvironmentMark(name: "HOLDFAST_UNIT_MARK", value: FileSystem.randomName()),
            controlGroup: nil, adoptsOrphans: false)
    }

    var isActive: Bool { !isDone }

    /// Starts the main process, and again after its end where `Restart=` says so; gives whether
    /// the first start succeeded.
    func start() async -> Bool {
        guard let child = await spawn() else {
            isDone = true
            return false
        }
        Task { await self.supervise(child) }
        return true
    }

    /// Stops every process: the stop signal, then, after `limit` or the unit's own, SIGKILL.
    func stop(within limit: Duration) async {
        isWanted = false
        if unit.stopsMainOnly { main?.signal(SIGTERM) } else { _ = try? tree.signal(SIGTERM) }
        let patience = ContinuousClock.now + min(limit, unit.stopLimit)
        if unit.stopsMainOnly {
            _ = await main?.wait(within: patience - .now)
        } else {
            _ = try? await tree.waitUntilEmpty(within: patience - .now)
        }
        _ = try? await tree.kill(within: .seconds(5))
        isDone = true
    }

    /// SIGKILL, at once.
    func kill() async {
        isWanted = false
        _ = try? await tree.kill(within: .seconds(5))
        isDone = true
    }

    private func spawn() async -> ChildProcess? {
        var command = Command(unit.command, environment: environment, directory: directory)
        command.output = .append(path: console.path)
        command.errors = .append(path: console.path)
        command.parentDeathSignal = SIGKILL
        do throws(SpawnFailure) {
            let child = try await tree.spawn(command)
            main = child
            console.write("systemd[1]: Started \(name).")
            return child
        } catch {
            console.write("systemd[1]: \(name): \(error)")
            return nil
        }
    }

    private func supervise(_ first: ChildProcess) async {
        var child = first
        var starts = [ContinuousClock.now]
        while true {
            let status = await child.wait() ?? .exited(255)
            // What the main process leaves behind does not outlive it.
            if isWanted { _ = try? await tree.kill(within: .seconds(5)) }
            guard isWanted else { return }
            console.write("systemd[1]: \(name): Main process exited, \(status).")
            let again =
                switch unit.restart {
                case .always: true
                case .onFailure: !status.isSuccess
                case .no: false
                }
            guard again else { break }
            try? await Task.sleep(for: unit.restartDelay)
            starts = starts.filter { ContinuousClock.now - $0 < unit.startInterval }
            guard starts.count < unit.startBurst else {
                console.write("systemd[1]: \(name): Start request repeated too quickly.")
                break
            }
            guard isWanted, let next = await spawn() else { break }
            guard isWanted else { return await kill() }
            starts.append(.now)
            child = next
        }
        isDone = true
    }
}
