import Checkpoints
import Training

/// What a witness finds in a record: it sees every commit of a world.
///
/// JSON is searched without decoding it. Canonical JSON has no spaces, and its keys are sorted, so
/// a field has one form. What stands for JSON in a world is looked up.
struct RecordBytes {
    let bytes: [UInt8]
    let coding: any RecordCoding

    /// Whether an index lists the checkpoint.
    func lists(_ id: CheckpointID) -> Bool {
        guard !isJSON else { return position(after: #""id":"\#(id)""#) != nil }
        return decoded(RunIndex.self)?.checkpoints.contains { $0.id == id } ?? false
    }

    /// Whether a manifest names the object as one of its files.
    func names(key: String) -> Bool {
        guard !isJSON else { return position(after: #""key":"\#(key)""#) != nil }
        return decoded(CheckpointManifest.self)?.files.contains { $0.key == key } ?? false
    }

    private var isJSON: Bool { bytes.first == UInt8(ascii: "{") }

    private func decoded<Value: Decodable & Sendable>(_ type: Value.Type) -> Value? {
        try? coding.decode(type, from: bytes)
    }

    /// What a manifest's checkpoint went on from.
    var parent: CheckpointID? {
        guard isJSON else { return decoded(CheckpointManifest.self)?.parent }
        guard let start = position(after: #""parent":""#) else { return nil }
        let text = bytes[start...].prefix { $0 != UInt8(ascii: "\"") }
        return CheckpointID(String(decoding: text, as: UTF8.self))
    }

    private func position(after text: String) -> Int? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
                var length = 1
                while length < wanted.count, bytes[start + length] == wanted[length] {
                    length += 1
                }
                if length == wanted.count { return start + length }
            }
            return nil
        }
    }
}
