import Processes
package import Training

/// The metadata service of a machine under the embedded provider: a directory that its shim keeps.
package struct DirectoryMetadata: MetadataService {
    private let directory: MetadataDirectory

    /// EC2's bound on user data, which the provider keeps too.
    static let userDataLimit = 16 << 10

    package init(path: String) {
        directory = MetadataDirectory(path: path)
    }

    package func identity() async throws(MetadataFailure) -> MachineIdentity {
        guard let instance = try read(MetadataDirectory.Name.instance, limit: 256),
            let boot = try read(MetadataDirectory.Name.boot, limit: 256),
            let userData = try read(MetadataDirectory.Name.userData, limit: Self.userDataLimit)
        else { throw .unavailable("no machine is described in \(directory.path)") }
        return MachineIdentity(
            instance: InstanceID(String(decoding: instance, as: UTF8.self)),
            boot: String(decoding: boot, as: UTF8.self), userData: userData)
    }

    package func notice() async throws(MetadataFailure) -> Notice? {
        let notices = [
            try notice(.spotInterruption, MetadataDirectory.Name.interruption),
            try notice(.shutdown, MetadataDirectory.Name.shutdown),
        ]
        return notices.compactMap(\.self).min { $0.deadline < $1.deadline }
    }

    package func tag(_ key: String) async throws(MetadataFailure) -> String? {
        do throws(MachineFailure) {
            return try directory.tags()[key]
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private func notice(
        _ kind: Notice.Kind, _ name: String
    ) throws(MetadataFailure) -> Notice? {
        guard let bytes = try read(name, limit: 4096) else { return nil }
        do throws(CanonicalJSON.Failure) {
            let action = try CanonicalJSON.decode(MetadataDirectory.Action.self, from: bytes)
            return Notice(kind: kind, deadline: action.time)
        } catch {
            throw .malformed("\(name): \(error)")
        }
    }

    private func read(_ name: String, limit: Int) throws(MetadataFailure) -> [UInt8]? {
        do throws(FileFailure) {
            return try FileSystem.read("\(directory.path)/\(name)", limit: limit)
        } catch {
            throw error.isDenied ? .forbidden("\(error)") : .unavailable("\(error)")
        }
    }
}
