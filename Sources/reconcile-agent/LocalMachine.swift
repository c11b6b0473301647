import Local
import Supervision
import Training

/// A machine of the embedded provider: metadata and store are directories.
struct LocalMachine: MachinePlace {
    let configuration: AgentConfiguration
    let identity: MachineIdentity
    let ports: AgentPorts

    init(metadata path: String) async throws(AgentFailure) {
        let metadata = DirectoryMetadata(path: path)
        do throws(MetadataFailure) {
            identity = try await metadata.identity()
        } catch {
            throw .configuration("\(error)")
        }
        configuration = try AgentConfiguration(userData: identity.userData)
        ports = AgentPorts(
            store: try LocalMachine.store(configuration), metadata: metadata, clock: SystemClock())
    }

    private static func store(
        _ configuration: AgentConfiguration
    ) throws(AgentFailure) -> DirectoryStore {
        let scheme = "file://"
        guard configuration.storeURL.hasPrefix("\(scheme)/") else {
            throw .configuration("the store \(configuration.storeURL) is not on this machine")
        }
        let store: DirectoryStore
        do throws(StoreFailure) {
            store = try DirectoryStore(
                path: String(configuration.storeURL.dropFirst(scheme.count)))
        } catch {
            throw .configuration("\(error)")
        }
        guard store.identity == configuration.store else {
            throw .configuration("\(configuration.storeURL) is another store than at the launch")
        }
        return store
    }

    /// The machine ends with its agent; its provider reads how.
    func powerOff(_ how: PowerOff, _ disk: MachineDisk) async throws(AgentFailure) {
        try disk.note(powerOff: how)
    }
}
