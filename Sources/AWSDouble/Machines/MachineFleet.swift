import Processes
import Simulation
import Synchronization
import Training

/// The machines whose user data runs, each with its metadata service on a port of its own.
final class MachineFleet: Sendable {
    /// A machine of the model made real.
    struct Member: Sendable {
        let machine: Machine
        let metadata: MachineMetadata
        let listener: WireListener
        let root: String
    }

    private struct State {
        var members: [InstanceID: Member] = [:]
        /// How much of each console the model has already.
        var told: [InstanceID: Int] = [:]
        var isEnding = false
    }

    private let folder: String
    private let endpoint: String
    private let cloud: Cloud
    private let runsUserData: Bool
    private let state = Mutex(State())

    init(folder: String, endpoint: String, cloud: Cloud, runsUserData: Bool) {
        self.folder = folder
        self.endpoint = endpoint
        self.cloud = cloud
        self.runsUserData = runsUserData
    }

    subscript(id: InstanceID) -> Member? { state.withLock { $0.members[id] } }

    /// What a machine printed since the last time.
    func consoleNews(of id: InstanceID) -> ArraySlice<UInt8> {
        guard let console = self[id]?.machine.console else { return [] }
        let all = console.contents()
        let told = state.withLock { state in
            defer { state.told[id] = all.count }
            return state.told[id, default: 0]
        }
        return all.dropFirst(told)
    }

    /// Follows events, in their order, for as long as there are any.
    func follow(_ events: AsyncStream<CloudEvent>) async {
        for await event in events {
            switch event.kind {
            case .booted: await boot(event)
            case .shutdownAsked: shutDown(event)
            case .powerCut(let end): await cut(event.instance, isGone: end == .terminated)
            case .noticed, .rebalanceRecommended, .maintenanceScheduled, .faded: continue
            }
        }
    }

    /// A machine's metadata service, made when it is first asked for.
    func member(_ id: InstanceID, in region: String) -> Member? {
        if let member = self[id] { return member }
        guard let instance = cloud.machine(id, in: region) else { return nil }
        let metadata = MachineMetadata(id, in: region, cloud: cloud)
        let listener: WireListener
        do throws(WireListener.Refused) {
            listener = try WireListener(port: 0, clock: cloud.clock)
        } catch {
            return nil
        }
        listener.serve { metadata.answer($0) }
        let home = "\(folder)/\(id)"
        let machine = Machine(
            id.text, home: home, userData: instance.request.userData, endpoint: endpoint,
            metadata: "http://127.0.0.1:\(listener.port)",
            order: "\(endpoint)/_double/init/\(id)"
        ) { [cloud] in
            cloud.with { $0[ec2: region].powerOff(id) }
        }
        let member = Member(
            machine: machine, metadata: metadata, listener: listener, root: "\(home)/root")
        return state.withLock { state in
            if let other = state.members[id] {
                listener.close()
                return other
            }
            guard !state.isEnding else {
                listener.close()
                return nil
            }
            state.members[id] = member
            return member
        }
    }

    private func boot(_ event: CloudEvent) async {
        guard runsUserData, let member = member(event.instance, in: event.region) else { return }
        await member.machine.boot()
    }

    /// Does not wait: the power may be cut meanwhile.
    private func shutDown(_ event: CloudEvent) {
        guard runsUserData, let member = self[event.instance] else { return }
        Task { [cloud] in
            // The model cuts the power where this takes too long.
            await member.machine.shutDown(within: .seconds(600))
            cloud.with { $0[ec2: event.region].halt(event.instance) }
        }
    }

    private func cut(_ id: InstanceID, isGone: Bool) async {
        guard let member = self[id] else { return }
        await member.machine.kill()
        if isGone { member.listener.close() }
    }

    /// Kills every machine, for good.
    func end() async {
        let members = state.withLock { state in
            state.isEnding = true
            return Array(state.members.values)
        }
        await withTaskGroup(of: Void.self) { group in
            for member in members {
                member.listener.close()
                group.addTask { await member.machine.kill() }
            }
        }
    }
}
