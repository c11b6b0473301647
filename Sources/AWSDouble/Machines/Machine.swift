import Glibc
import Processes

/// An instance whose user data really runs: processes below a directory of its own, with the
/// double as their init.
actor Machine {
    let id: String
    let console: Console
    private let home: String
    private let environment: [String: String]
    private let userData: [UInt8]
    /// The machine has shut its system down by itself, and all of it is dead.
    private let onPowerOff: @Sendable () -> Void

    private var power = Power.off
    private var units: [String: UnitProcess] = [:]
    private var tree: ProcessTree?
    private var boots = 0

    private enum Power {
        case off
        case on
        case stopping
    }

    /// `home` is made; `init` and `metadata` are URLs of this machine alone.
    init(
        _ id: String, home: String, userData: [UInt8], endpoint: String, metadata: String,
        order: String, onPowerOff: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.home = home
        self.userData = userData
        self.onPowerOff = onPowerOff
        console = Console(path: "\(home)/console")
        environment = Shims.environment(
            root: "\(home)/root", programs: "\(home)/bin", metadata: metadata,
            endpoint: endpoint, order: order)
    }

    private var root: String { "\(home)/root" }
    private var unitFolder: String { "\(root)/etc/systemd/system" }
    private var wantsFolder: String { "\(unitFolder)/multi-user.target.wants" }

    /// Switches the machine on: the first time its user data runs, later the enabled units start.
    func boot() async {
        guard power == .off else { return }
        power = .on
        boots += 1
        do throws(FileFailure) {
            try furnish()
        } catch {
            console.write("the double cannot make this machine: \(error)")
            return
        }
        console.write("boot \(boots) of \(id)")
        tree = ProcessTree(
            mark: EnvironmentMark(name: "HOLDFAST_MACHINE_MARK", value: FileSystem.randomName()),
            controlGroup: .make(named: "holdfast-double-\(FileSystem.randomName())"),
            adoptsOrphans: false)
        if boots == 1 {
            await runUserData()
        } else {
            for name in ((try? FileSystem.list(wantsFolder)) ?? nil) ?? [] {
                _ = await start(name)
            }
        }
    }

    /// An orderly shutdown of the system: the stop signal to all that runs, SIGKILL after `grace`.
    func shutDown(within grace: Duration) async {
        guard power == .on else { return }
        power = .stopping
        console.write("systemd[1]: Stopping: the system goes down.")
        let running = Array(units.values)
        await withTaskGroup(of: Void.self) { group in
            for unit in running { group.addTask { await unit.stop(within: grace) } }
            if running.isEmpty, let tree {
                group.addTask {
                    _ = try? tree.signal(SIGTERM)
                    _ = try? await tree.waitUntilEmpty(within: grace)
                }
            }
        }
        await turnOff()
    }

    /// The power goes away.
    func kill() async {
        guard power != .off else { return }
        power = .stopping
        await turnOff()
    }

    private func turnOff() async {
        let running = Array(units.values)
        units = [:]
        _ = try? await tree?.kill(within: .seconds(5))
        for unit in running { await unit.kill() }
        tree = nil
        power = .off
        console.write("systemd[1]: Powered off.")
    }

    // MARK: What the init of the machine is told

    /// What an order to the init came to.
    struct Outcome: Sendable {
        var code: Int
        var text = ""
    }

    /// Carries out an order: the program's name and its arguments.
    func order(_ words: [String]) async -> Outcome {
        guard power == .on else { return Outcome(code: 1, text: "the system is going down") }
        let flags: Set<String> = ["--now", "--quiet", "-q", "--no-block", "-h", "-P", "now", "+0"]
        let isNow = words.contains("--now")
        let plain = words.filter { !flags.contains($0) }
        switch (plain.first, plain.dropFirst().first) {
        case ("poweroff", nil), ("shutdown", nil), ("systemctl", "poweroff"):
            // As systemd does, it answers before it begins.
            Task {
                await shutDown(within: .seconds(600))
                onPowerOff()
            }
            return Outcome(code: 0)
        case ("systemctl", let verb?):
            let names = plain.dropFirst(2).map { $0.contains(".") ? $0 : $0 + ".service" }
            return await systemctl(verb, names, isNow: isNow)
        default:
            return Outcome(code: 1, text: "not modelled: \(words.joined(separator: " "))")
        }
    }

    private func systemctl(_ verb: String, _ names: [String], isNow: Bool) async -> Outcome {
        if verb == "daemon-reload" { return Outcome(code: 0) }
        guard !names.isEmpty else { return Outcome(code: 1, text: "too few arguments") }
        for name in names {
            let outcome: Outcome
            switch verb {
            case "enable": outcome = await enable(name, isNow: isNow)
            case "disable": outcome = await disable(name, isNow: isNow)
            case "start": outcome = await start(name)
            case "stop": outcome = await stop(name)
            case "restart":
                _ = await stop(name)
                outcome = await start(name)
            case "is-active":
                let isActive = await units[name]?.isActive ?? false
                outcome = Outcome(code: isActive ? 0 : 3, text: isActive ? "active" : "inactive")
            case "is-enabled":
                let isThere = ((try? FileSystem.status("\(wantsFolder)/\(name)")) ?? nil) != nil
                outcome = Outcome(code: isThere ? 0 : 1, text: isThere ? "enabled" : "disabled")
            default: outcome = Outcome(code: 1, text: "not modelled: systemctl \(verb)")
            }
            if outcome.code != 0 || !outcome.text.isEmpty { return outcome }
        }
        return Outcome(code: 0)
    }

    private func enable(_ name: String, isNow: Bool) async -> Outcome {
        do throws(Refusal) {
            let unit = try read(name)
            guard unit.wantedBy.contains("multi-user.target") else {
                throw Refusal("\(name) has no WantedBy=multi-user.target")
            }
        } catch {
            return Outcome(code: 1, text: error.description)
        }
        _ = try? FileSystem.makeDirectories(wantsFolder)
        symlink("\(unitFolder)/\(name)", "\(wantsFolder)/\(name)")
        return isNow ? await start(name) : Outcome(code: 0)
    }

    private func disable(_ name: String, isNow: Bool) async -> Outcome {
        unlink("\(wantsFolder)/\(name)")
        return isNow ? await stop(name) : Outcome(code: 0)
    }

    private func start(_ name: String) async -> Outcome {
        if await units[name]?.isActive == true { return Outcome(code: 0) }
        do throws(Refusal) {
            let unit = try read(name)
            for line in unit.ignored where !UnitFile.harmless.contains(line) {
                console.write("systemd[1]: \(name): Unknown key \(line), ignoring.")
            }
            let mark = tree?.mark
            var environment = environment
            if let mark { environment[mark.name] = mark.value }
            let process = UnitProcess(
                name, unit, environment: environment, directory: root, console: console)
            units[name] = process
            guard await process.start() else { throw Refusal("\(name) failed to start") }
            return Outcome(code: 0)
        } catch {
            return Outcome(code: 1, text: error.description)
        }
    }

    private func stop(_ name: String) async -> Outcome {
        await units[name]?.stop(within: .seconds(90))
        return Outcome(code: 0)
    }

    private struct Refusal: Error {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private func read(_ name: String) throws(Refusal) -> UnitFile {
        let path = "\(unitFolder)/\(name)"
        let bytes = (try? FileSystem.read(path, limit: 1 << 20)) ?? nil
        guard let bytes else { throw Refusal("Unit \(name) not found.") }
        do throws(UnitFile.Malformed) {
            return try UnitFile(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Refusal("\(name): \(error)")
        }
    }

    // MARK: What a machine begins with

    private func furnish() throws(FileFailure) {
        for folder in [wantsFolder, "\(root)/root", "\(root)/tmp", "\(root)/var", "\(home)/bin"] {
            try FileSystem.makeDirectories(folder)
        }
        try FileSystem.makeDirectories("\(root)/proc/sys/kernel/random")
        let bootID = Array((FileSystem.randomName() + "\n").utf8)
        try FileSystem.write(bootID, to: "\(root)/proc/sys/kernel/random/boot_id")
        for name in Shims.names {
            try FileSystem.write(
                Array(Shims.program.utf8), to: "\(home)/bin/\(name)", permissions: 0o755)
        }
    }

    /// As cloud-init does with a user-data script: at the first boot only, its exact bytes as a
    /// program.
    private func runUserData() async {
        guard userData.starts(with: Array("#!".utf8)) else {
            if !userData.isEmpty { console.write("cloud-init: unhandled user data, not a script") }
            return
        }
        let folder = "\(root)/var/lib/cloud/instance/scripts"
        let path = "\(folder)/part-001"
        do throws(FileFailure) {
            try FileSystem.makeDirectories(folder)
            try FileSystem.write(userData, to: path, permissions: 0o700)
        } catch {
            return console.write("cloud-init: \(error)")
        }
        var command = Command([path], environment: environment, directory: root)
        command.output = .append(path: console.path)
        command.errors = .append(path: console.path)
        command.parentDeathSignal = SIGKILL
        guard let tree else { return }
        do throws(SpawnFailure) {
            let child = try await spawnFresh(command, in: tree)
            Task { [console] in
                let status = await child.wait() ?? .exited(255)
                console.write(
                    status.isSuccess
                        ? "cloud-init: finished" : "cloud-init: Failed running \(path): \(status)")
            }
        } catch {
            console.write("cloud-init: \(error)")
        }
    }

    /// A file that was just written may still be open in a child that another thread forked.
    private func spawnFresh(
        _ command: Command, in tree: ProcessTree
    ) async throws(SpawnFailure) -> ChildProcess {
        for _ in 0..<20 {
            do throws(SpawnFailure) {
                return try await tree.spawn(command)
            } catch {
                guard error.code == ETXTBSY else { throw error }
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
        return try await tree.spawn(command)
    }
}
