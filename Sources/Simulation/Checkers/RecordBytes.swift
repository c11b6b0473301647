import Training

/// What a witness finds in a record without decoding it: it sees every commit of a world.
///
/// Canonical JSON has no spaces, and its keys are sorted, so a field has one form.
struct RecordBytes {
    let bytes: [UInt8]

    /// Whether an index lists the checkpoint.
    func lists(_ id: CheckpointID) -> Bool { position(after: #""id":"\#(id)""#) != nil }

    /// Whether a manifest names the object as one of its files.
    func names(key: String) -> Bool { position(after: #""key":"\#(key)""#) != nil }

    /// What a manifest's checkpoint went on from.
    var parent: CheckpointID? {
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
