import Glibc
import Processes
import Synchronization
package import Training

/// The embedded provider: machines are processes of this machine, under a state directory.
///
/// It keeps EC2's promises on launches, states and markets. Everything that it knows is in files,
/// so any number of reconcilers may use one state directory at once, and machines go on without
/// any. There is one lock per machine and none above.
package final class LocalProvider: InstanceProvider {
    /// Absolute, links resolved.
    package let state: String
    let agent: String
    let shim: String
    let stopGrace: Duration
    let clock = SystemClock()
    /// The shims that this process started, to be reaped when they end.
    let shims = Mutex<[InstanceID: ChildProcess]>([:])

    /// How long a call waits for another one on the same machine.
    static let lockBound = Duration.seconds(15)
    /// How long a shim may take to come up.
    static let bootBound = Duration.seconds(10)
    /// How long an ended machine is seen (EC2: about an hour).
    static let visibleAfterEnd: Seconds = .hours(1)
    /// How long its token is remembered (EC2: at least a day).
    static let rememberedAfterEnd: Seconds = .hours(24)
    /// No state directory holds more machines.
    static let limit = 100_000

    /// A provider whose machines live in `state` (made if needed) and run the program `agent`.
    ///
    /// `stopGrace`: how long an agent may take when its machine is stopped or terminated.
    package convenience init(
        state: String, agent: String, stopGrace: Duration = .seconds(2)
    ) throws(ProviderFailure) {
        try self.init(state: state, agent: agent, shim: agent, stopGrace: stopGrace)
    }

    /// With a program of its own for the shim: tests put a script in the agent's place.
    init(
        state: String, agent: String, shim: String, stopGrace: Duration
    ) throws(ProviderFailure) {
        do throws(FileFailure) {
            try FileSystem.makeDirectories("\(state)/machines", durably: true)
            self.state = try FileSystem.resolve(state)
        } catch {
            throw ProviderFailure(.file(error))
        }
        self.agent = agent
        self.shim = shim
        self.stopGrace = stopGrace
    }

    /// The machine of a token, wherever and whenever it is asked for.
    static func instanceID(of token: String) -> InstanceID {
        InstanceID("i-" + Digest(of: token).hex.prefix(17))
    }

    @concurrent
    package func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        try await list().filter { $0.tags[Tag.scope] == scope }
    }

    @concurrent
    package func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        reapShims()
        guard let machine = try known(id) else { return nil }
        return try await describe(machine)
    }

    /// Every machine that is seen, of whatever scope, by id.
    @concurrent
    package func list() async throws(ProviderFailure) -> [Instance] {
        reapShims()
        var instances: [Instance] = []
        for machine in try machines() {
            if let instance = try await describe(machine) { instances.append(instance) }
        }
        return instances
    }

    @concurrent
    package func tag(
        _ id: InstanceID, _ tags: [String: String]
    ) async throws(ProviderFailure) {
        guard let machine = try known(id) else {
            throw .unsupported("there is no machine \(id)")
        }
        try await holding(machine) { () async throws(MachineFailure) in
            let merged = try machine.metadata.tags().merging(tags) { $1 }
            do throws(FileFailure) { try machine.metadata.write(tags: merged) } catch {
                throw .file(error)
            }
        }
    }

    /// Where the id's machine is or would be; nil for an id that no machine here can have.
    func known(_ id: InstanceID) throws(ProviderFailure) -> MachineDirectory? {
        let digits = id.text.dropFirst(2)
        guard id.text.hasPrefix("i-"), digits.utf8.count == 17, digits.allSatisfy(\.isHexDigit)
        else { return nil }
        let machine = directory(of: id)
        do throws(FileFailure) {
            return try FileSystem.status(machine.path) == nil ? nil : machine
        } catch {
            throw ProviderFailure(.file(error))
        }
    }

    func directory(of id: InstanceID) -> MachineDirectory {
        MachineDirectory(path: "\(state)/machines/\(id)")
    }

    func machines() throws(ProviderFailure) -> [MachineDirectory] {
        do throws(FileFailure) {
            let names = try FileSystem.list("\(state)/machines", limit: Self.limit) ?? []
            return names.filter { $0.hasPrefix("i-") }.map { directory(of: InstanceID($0)) }
        } catch {
            throw ProviderFailure(.file(error))
        }
    }

    /// Looks at a machine, buries it if it died, forgets it when its time has come.
    private func describe(
        _ machine: MachineDirectory
    ) async throws(ProviderFailure) -> Instance? {
        do throws(MachineFailure) {
            guard var observed = try machine.observe() else { return nil }
            // Its launch was cut short before it came up. The next identical one finishes it; a
            // machine that was listed now would count as launched, and nobody would boot it.
            if observed.status == nil && !observed.isAlive { return nil }
            if observed.needsBurial {
                try await holdingLock(of: machine) { () async throws(MachineFailure) in
                    guard let again = try machine.observe(), again.needsBurial else { return }
                    _ = try await machine.bury(again.launch, at: self.clock.now())
                }
                guard let buried = try machine.observe() else { return nil }
                observed = buried
            }
            if let status = observed.status, status.state == .terminated {
                let age = clock.now().since(status.since)
                if age > Self.rememberedAfterEnd { try await forget(machine) }
                if age > Self.visibleAfterEnd { return nil }
            }
            return observed.instance(machine.id)
        } catch {
            throw ProviderFailure(error)
        }
    }

    /// Removes the machine with its token, at once for every onlooker.
    func forget(_ machine: MachineDirectory) async throws(MachineFailure) {
        try await holdingLock(of: machine) { () async throws(MachineFailure) in
            let folder = "\(self.state)/machines"
            do throws(FileFailure) {
                let grave = "\(folder)/.removed-\(FileSystem.randomName())"
                try FileSystem.rename(machine.path, to: grave)
                // With those that a crash left here.
                for name in try FileSystem.list(folder) ?? [] where name.hasPrefix(".removed-") {
                    _ = try? FileSystem.removeTree("\(folder)/\(name)")
                }
            } catch {
                if !error.isMissing { throw .file(error) }
            }
        }
    }

    /// Takes the ends of the shims that this process started.
    private func reapShims() {
        shims.withLock { shims in
            for (id, child) in shims where child.status != nil { shims[id] = nil }
        }
    }

    func holding<Value>(
        _ machine: MachineDirectory, _ body: () async throws(MachineFailure) -> Value
    ) async throws(ProviderFailure) -> Value {
        do throws(MachineFailure) {
            return try await holdingLock(of: machine, body)
        } catch {
            throw ProviderFailure(error)
        }
    }

    /// Runs `body` while no other process changes the machine.
    func holdingLock<Value>(
        of machine: MachineDirectory, _ body: () async throws(MachineFailure) -> Value
    ) async throws(MachineFailure) -> Value {
        guard let lock = try await controlLock(of: machine) else { throw .busy(machine.path) }
        let value = try await body()
        _ = consume lock
        return value
    }

    private func controlLock(of machine: MachineDirectory) async throws(MachineFailure) -> FileLock?
    {
        do throws(FileFailure) {
            return try await FileLock.acquire(machine.controlLock, within: Self.lockBound)
        } catch {
            throw .file(error)
        }
    }
}
