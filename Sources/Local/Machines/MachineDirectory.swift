import Processes
import Training

/// The files of one machine: `STATE/machines/<instance id>/`.
///
/// ```
/// launch.json    what it was launched as; there is no machine before this file
/// status.json    how it is
/// order.json     what is to become of it
/// control.lock   held while a provider changes something
/// alive.lock     held by the shim as long as it lives
/// metadata/      what the agent sees: instance-id, boot-id, user-data, tags.json, and the notices
///                spot-instance-action and shutdown
/// disk/          the agent's working space; survives stop and start, not the termination
/// log/           machine.log of the shim, agent.log of the agent
/// ```
struct MachineDirectory: Hashable, Sendable {
    let path: String

    var id: InstanceID { InstanceID(String(path.split(separator: "/").last ?? "")) }
    var controlLock: String { "\(path)/control.lock" }
    var aliveLock: String { "\(path)/alive.lock" }
    var metadata: MetadataDirectory { MetadataDirectory(path: "\(path)/metadata") }
    var disk: String { "\(path)/disk" }
    /// One word of the agent's before it powers the machine off: how that should end.
    var powerOff: String { "\(disk)/power-off" }
    var log: String { "\(path)/log" }

    /// nil: the launch was never finished.
    func launch() throws(MachineFailure) -> LaunchRecord? {
        try read(LaunchRecord.self, "launch.json")
    }

    /// nil: never booted.
    func status() throws(MachineFailure) -> MachineStatus? {
        try read(MachineStatus.self, "status.json")
    }

    func order() throws(MachineFailure) -> MachineOrder? {
        try read(MachineOrder.self, "order.json")
    }

    func write(_ launch: LaunchRecord) throws(MachineFailure) {
        try write(launch, "launch.json")
    }

    func write(_ status: MachineStatus) throws(MachineFailure) {
        try write(status, "status.json")
    }

    func write(_ order: MachineOrder) throws(MachineFailure) {
        try write(order, "order.json")
    }

    func removeOrder() throws(MachineFailure) {
        do throws(FileFailure) { try FileSystem.remove("\(path)/order.json") } catch {
            throw .file(error)
        }
    }

    func isAlive() throws(MachineFailure) -> Bool {
        do throws(FileFailure) { return try FileLock.isHeld(aliveLock) } catch {
            throw .file(error)
        }
    }

    /// Removes the disk as far as that is allowed: what cannot be removed keeps no machine alive.
    func removeDisk(orTell tell: (String) -> Void) {
        do throws(FileFailure) { try FileSystem.removeTree(disk) } catch { tell("\(error)") }
    }

    /// The control group of the whole machine, its shim included; nil where none can be made.
    ///
    /// At the top of the hierarchy, so that the machine outlives the unit that started it.
    func controlGroup(_ launch: LaunchRecord) -> ControlGroup? {
        ControlGroup.make(named: "holdfast-\(launch.mark.value)", in: .top)
    }

    private func read<Value: Decodable>(
        _ type: Value.Type, _ name: String
    ) throws(MachineFailure) -> Value? {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            bytes = try FileSystem.read("\(path)/\(name)", limit: 1 << 20)
        } catch {
            throw .file(error)
        }
        guard let bytes else { return nil }
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            throw .damaged("\(path)/\(name)", "\(error)")
        }
    }

    private func write(_ value: some Encodable, _ name: String) throws(MachineFailure) {
        do throws(FileFailure) {
            try FileSystem.write(CanonicalJSON.encode(value), to: "\(path)/\(name)")
        } catch {
            throw .file(error)
        }
    }
}

/// Why a machine's files could not be read or written.
enum MachineFailure: Error, Hashable, Sendable {
    case file(FileFailure)
    case damaged(String, String)
    /// Another process holds the machine's control lock for too long.
    case busy(String)
}

extension MachineFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .file(let failure): "\(failure)"
        case .damaged(let path, let detail):
            "\(path) is damaged (\(detail)): `reconcile local reset` starts afresh"
        case .busy(let path): "another process works on \(path)"
        }
    }
}

extension ProviderFailure {
    init(_ failure: MachineFailure) {
        if case .file(let file) = failure, file.isDenied {
            self = .denied("\(failure)")
        } else {
            self = .unavailable("\(failure)")
        }
    }
}
