import Processes
import TestSupport
import Testing
import Training

/// What the world does to stores and machines.
extension Workshop {
    /// Turns one bit in the middle of a stored object.
    func flipByte(of key: String) throws {
        var bytes = try #require(try ground.object(key))
        bytes[bytes.count / 2] ^= 1
        try ground.write(bytes, to: key)
    }

    /// Sets a tag as a person does in a console.
    func setTag(_ key: String, _ value: String, of machine: Machine) throws {
        try ground.setTag(key, value, of: machine)
    }
}
