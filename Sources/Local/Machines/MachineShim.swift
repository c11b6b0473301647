import Glibc
package import Processes
import Training

/// The process above a machine's agent: it *is* the machine.
///
/// It holds a lock as long as the machine lives, inherits every orphan, passes notices on, kills
/// what is left when the agent ends or the machine is taken away, and writes down how it ended. It
/// has a session and a control group of its own, so that the machine outlives whatever started it.
/// Should it be killed itself, its lock is free and the next look at the machine buries it.
package struct MachineShim: Sendable {
    private let machine: MachineDirectory
    private let boot: Int
    private let agent: String
    private let signals: SignalQueue
    private let clock = SystemClock()

    /// What ended a machine's life, and how that is told.
    private struct Ending {
        var state: Instance.State
        var reason: String
    }

    /// For boot number `boot` of the machine at `directory`, with `agent` as its agent's program.
    package init(directory: String, boot: Int, agent: String, signals: SignalQueue) {
        machine = MachineDirectory(path: directory)
        self.boot = boot
        self.agent = agent
        self.signals = signals
    }

    /// The signals that a shim's process must take over before it starts any thread.
    ///
    /// `SIGTERM` is the power button, `SIGUSR1` says that there is a new order; the others would
    /// only kill it.
    package static let signals: [Int32] = [SIGTERM, SIGUSR1, SIGINT, SIGHUP, SIGPIPE]

    /// Lives the machine's life; gives the exit code of the process.
    package func run() async -> Int32 {
        Subreaper.enable()
        do throws(MachineFailure) {
            guard let lock = try await acquireLife() else {
                log("another process is this machine")
                return 0
            }
            let isDone = try await live()
            _ = consume lock
            return isDone ? 0 : 1
        } catch {
            log("\(error)")
            return 1
        }
    }

    private func acquireLife() async throws(MachineFailure) -> FileLock? {
        do throws(FileFailure) {
            return try await FileLock.acquire(machine.aliveLock, within: .seconds(2))
        } catch {
            throw .file(error)
        }
    }

    /// False when something of the machine could not be killed: it is then not declared ended.
    private func live() async throws(MachineFailure) -> Bool {
        guard let launch = try machine.launch() else {
            log("the machine has no launch.json")
            return false
        }
        if let status = try machine.status(), status.boot >= boot {
            log("boot \(boot) has been")  // a second shim of a launch that was sent twice
            return true
        }
        try beginBoot()
        try write(.running, "")
        let tree = ProcessTree(
            mark: launch.mark,
            controlGroup: .make(named: "holdfast-\(FileSystem.randomName())", in: .own),
            adoptsOrphans: true)
        let ending = try await ending(of: tree, launch)
        return try await finish(tree, launch, ending)
    }

    /// Runs the agent until it ends or the machine is to go.
    private func ending(
        of tree: ProcessTree, _ launch: LaunchRecord
    ) async throws(MachineFailure) -> Ending {
        let child: ChildProcess
        do throws(SpawnFailure) {
            child = try await tree.spawn(command)
        } catch {
            log("\(error)")
            return Ending(state: .terminated, reason: StateReason.failed)
        }
        log("boot \(boot): agent is \(child.identity)")
        var powerButton: MachineOrder?
        var announced: MachineOrder?
        while true {
            let order = try machine.order() ?? powerButton
            if let order, order != announced {
                try announce(order, by: powerButton == nil ? StateReason.byUser : nil)
                announced = order
            }
            let now = clock.now()
            if let order, order.deadline <= now {
                log("the time of the \(order.verb.rawValue) order is over")
                return ended(by: order, itself: order == powerButton, launch)
            }
            let left = order.map { $0.deadline.milliseconds - now.milliseconds } ?? 1000
            let happening = await next(child, within: .milliseconds(min(left, 1000)))
            if let status = happening.ended {
                log("the agent ended with \(status)")
                return ended(status, order, itself: order == powerButton, launch)
            }
            if happening.signal == SIGTERM && powerButton == nil {
                let grace = Timestamp(milliseconds: clock.now().milliseconds + 2000)
                powerButton = MachineOrder(
                    verb: launch.shutdownBehavior == .stop ? .stop : .terminate, deadline: grace)
            }
        }
    }

    private var command: Command {
        var command = Command(
            [
                agent, "run", "--metadata", machine.metadata.path, "--disk", machine.disk,
            ],
            environment: Command.currentEnvironment, directory: machine.disk)
        command.output = .append(path: "\(machine.log)/agent.log")
        command.errors = command.output
        return command
    }

    private func next(
        _ child: ChildProcess, within span: Duration
    ) async -> (ended: WaitStatus?, signal: Int32?) {
        await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                _ = await child.wait(within: span)
                return nil
            }
            group.addTask { [signals] in await signals.next(within: span) }
            let first = await group.next() ?? nil
            group.cancelAll()
            let second = await group.next() ?? nil
            return (child.status, first ?? second)
        }
    }

    /// Tells the agent, and the world where the machine is already on its way out.
    private func announce(
        _ order: MachineOrder, by reason: String?
    ) throws(MachineFailure) {
        let kind: Notice.Kind = order.verb == .interrupt ? .spotInterruption : .shutdown
        do throws(FileFailure) {
            try machine.metadata.write(Notice(kind: kind, deadline: order.deadline))
        } catch {
            throw .file(error)
        }
        log("ordered to \(order.verb.rawValue) by \(order.deadline)")
        switch order.verb {
        case .interrupt: break  // EC2 shows it as running until it is gone
        case .stop: try write(.stopping, reason ?? StateReason.byItself)
        case .terminate: try write(.shuttingDown, reason ?? StateReason.byItself)
        }
    }

    private func ended(
        by order: MachineOrder, itself: Bool, _ launch: LaunchRecord
    ) -> Ending {
        let byWhom = itself ? StateReason.byItself : StateReason.byUser
        switch order.verb {
        case .interrupt: return Ending(state: .terminated, reason: StateReason.interrupted)
        case .terminate: return Ending(state: .terminated, reason: byWhom)
        case .stop: return Ending(state: .stopped, reason: byWhom)
        }
    }

    /// The agent's exit with 0 is how it powers its machine off.
    private func ended(
        _ status: WaitStatus, _ order: MachineOrder?, itself: Bool, _ launch: LaunchRecord
    ) -> Ending {
        if let order, order.verb != .interrupt || !status.isSuccess {
            return ended(by: order, itself: itself, launch)
        }
        guard status.isSuccess else {
            return Ending(state: .terminated, reason: StateReason.failed)
        }
        return Ending(state: ownEnd(launch), reason: StateReason.byItself)
    }

    /// How the machine ends when its agent powers it off: as the agent left word in the disk's
    /// `power-off`, else as its launch says; what cannot stop ends for good.
    private func ownEnd(_ launch: LaunchRecord) -> Instance.State {
        let asLaunched: Instance.State =
            launch.shutdownBehavior == .stop ? .stopped : .terminated
        let word = (try? FileSystem.read(machine.powerOff, limit: 64)) ?? nil
        switch word.map({ String(decoding: $0, as: UTF8.self) }) {
        case "terminate": return .terminated
        case "stop": return launch.market.canStop ? .stopped : .terminated
        default: return asLaunched
        }
    }

    private func finish(
        _ tree: ProcessTree, _ launch: LaunchRecord, _ ending: Ending
    ) async throws(MachineFailure) -> Bool {
        try write(ending.state == .stopped ? .stopping : .shuttingDown, ending.reason)
        do throws(FileFailure) {
            let left = try await tree.kill(within: .seconds(30))
            guard left.isEmpty else {
                log("could not be killed: \(left)")
                return false
            }
            try machine.metadata.removeNotices()
        } catch {
            throw .file(error)
        }
        if ending.state == .terminated { machine.removeDisk { log($0) } }
        try write(ending.state, ending.reason)
        log("\(ending.state.rawValue): \(ending.reason)")
        machine.controlGroup(launch)?.leave()
        return true
    }

    private func write(_ state: Instance.State, _ reason: String) throws(MachineFailure) {
        try machine.write(
            MachineStatus(
                state: state, reason: reason, since: clock.now(), boot: boot,
                shim: ProcessIdentity.current))
    }

    private func beginBoot() throws(MachineFailure) {
        do throws(FileFailure) {
            try machine.metadata.removeNotices()
            try FileSystem.remove(machine.powerOff)
            try machine.metadata.write(boot: FileSystem.randomName())
        } catch {
            throw .file(error)
        }
    }

    private func log(_ text: String) {
        guard let file = try? OpenFile("\(machine.log)/machine.log", .append) else { return }
        _ = try? file.write(Array("\(clock.now()) \(text)\n".utf8))
    }
}
