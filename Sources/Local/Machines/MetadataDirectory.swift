import Processes
import Training

/// The provider's side of a machine's metadata: what `DirectoryMetadata` reads.
struct MetadataDirectory: Hashable, Sendable {
    let path: String

    /// The form of EC2's `spot/instance-action`.
    struct Action: Codable {
        var action: String
        var time: Timestamp
    }

    enum Name {
        static let instance = "instance-id"
        static let boot = "boot-id"
        static let userData = "user-data"
        static let tags = "tags.json"
        static let interruption = "spot-instance-action"
        static let shutdown = "shutdown"
    }

    func write(instance: InstanceID, userData: String, tags: [String: String])
        throws(FileFailure)
    {
        try FileSystem.makeDirectories(path)
        try write(Name.instance, Array(instance.text.utf8))
        try write(Name.userData, Array(userData.utf8))
        try write(tags: tags)
    }

    func write(tags: [String: String]) throws(FileFailure) {
        try write(Name.tags, CanonicalJSON.encode(tags))
    }

    func write(boot: String) throws(FileFailure) {
        try write(Name.boot, Array(boot.utf8))
    }

    func write(_ notice: Notice) throws(FileFailure) {
        let name = notice.kind == .shutdown ? Name.shutdown : Name.interruption
        let action = Action(action: "terminate", time: notice.deadline)
        try write(name, CanonicalJSON.encode(action))
    }

    func removeNotices() throws(FileFailure) {
        try FileSystem.remove("\(path)/\(Name.shutdown)")
        try FileSystem.remove("\(path)/\(Name.interruption)")
    }

    func tags() throws(MachineFailure) -> [String: String] {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            bytes = try FileSystem.read("\(path)/\(Name.tags)", limit: 1 << 20)
        } catch {
            throw .file(error)
        }
        guard let bytes else { return [:] }
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode([String: String].self, from: bytes)
        } catch {
            throw .damaged("\(path)/\(Name.tags)", "\(error)")
        }
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws(FileFailure) {
        try FileSystem.write(bytes, to: "\(path)/\(name)")
    }
}
