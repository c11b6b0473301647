import Processes
import TestSupport
import Testing
import Training

/// What the world does to stores and machines.
extension Workshop {
    /// Turns one bit in the middle of a stored object.
    func flipByte(of key: String) throws {
        let path = "\(store)/\(key)"
        var bytes = try #require(try FileSystem.read(path, limit: 64 << 20))
        bytes[bytes.count / 2] ^= 1
        #expect(LocalFile.write(path, bytes))
    }

    /// Sets a tag as a person does in a console.
    func setTag(_ key: String, _ value: String, of machine: Machine) throws {
        var tags = machine.tags
        tags[key] = value
        try FileSystem.write(
            CanonicalJSON.encode(tags), to: "\(state)/machines/\(machine.id)/metadata/tags.json")
    }
}
