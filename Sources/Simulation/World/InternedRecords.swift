import Checkpoints
import Synchronization
package import Training

/// Keeps the values of one world's records, so that its stores hold short tokens and no JSON is
/// written or read on the way.
///
/// Equal values have equal tokens, as they have equal JSON: an ETag changes when its value does.
/// Tokens are given in the order of first sight, so one seed gives one sequence of bytes. Bytes
/// that are no token, because they were damaged or somebody else wrote them, are taken for the JSON
/// that they would be in production. All of it goes when the world does.
package final class InternedRecordCoding: RecordCoding {
    /// One new value in this many also goes through JSON and back.
    private let share: Int
    private let salt: UInt64
    private let table = Mutex(InternedValues())

    /// `seed` tells the tokens of one world from those of another.
    package init(seed: UInt64, checkingOneIn share: Int = 256) {
        salt = seed
        self.share = max(1, share)
    }

    /// What JSON would not have brought back as it was, at most 16: the values of a sound build
    /// give none.
    package var findings: [RecordCodingFinding] { table.withLock { $0.findings } }

    /// How many different values are kept.
    package var count: Int { table.withLock { $0.values.count } }

    package func encode<Value: Codable & Hashable & Sendable>(_ value: Value) -> [UInt8] {
        let place = table.withLock { table in
            if let known = table.places[value] { return known }
            if table.values.count.isMultiple(of: share),
                table.findings.count < RecordCodingFinding.limit,
                let finding = RecordCodingFinding(about: value)
            {
                table.findings.append(finding)
            }
            return table.insert(value)
        }
        return RecordToken(place: place, salt: salt).bytes
    }

    package func decode<Value: Decodable & Sendable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(CanonicalJSON.Failure) -> Value {
        guard let stored = value(of: bytes) else {
            return try CanonicalJSON.decode(type, from: bytes)
        }
        if let value = stored as? Value { return value }
        return try CanonicalJSON.decode(type, from: CanonicalJSON.encode(stored))
    }

    package func digest(of bytes: [UInt8]) -> Digest {
        guard let place = place(of: bytes) else { return Digest(of: bytes) }
        return table.withLock { table in
            if let known = table.digests[place] { return known }
            let digest = Digest(of: CanonicalJSON.encode(table.values[place]))
            table.digests[place] = digest
            return digest
        }
    }

    private func value(of bytes: [UInt8]) -> (any Codable & Hashable & Sendable)? {
        place(of: bytes).map { place in table.withLock { $0.values[place] } }
    }

    private func place(of bytes: [UInt8]) -> Int? {
        guard let place = RecordToken(bytes, salt: salt)?.place, place < count else { return nil }
        return place
    }
}

private struct InternedValues {
    var values: [any Codable & Hashable & Sendable] = []
    var places: [AnyHashable: Int] = [:]
    /// Of the canonical JSON of the values that references led to, by place.
    var digests: [Int: Digest] = [:]
    var findings: [RecordCodingFinding] = []

    mutating func insert(_ value: any Codable & Hashable & Sendable) -> Int {
        places[AnyHashable(value)] = values.count
        values.append(value)
        return values.count - 1
    }
}

/// The bytes that stand for an interned value: its place, and a check that no damaged or foreign
/// bytes pass.
private struct RecordToken {
    let place: Int
    let bytes: [UInt8]

    init(place: Int, salt: UInt64) {
        self.place = place
        var check = SplitMix64(seed: salt &+ UInt64(place))
        bytes = withUnsafeBytes(of: (UInt64(place).bigEndian, check.next())) { Array($0) }
    }

    init?(_ bytes: [UInt8], salt: UInt64) {
        guard bytes.count == 16 else { return nil }
        let stored = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        guard let place = Int(exactly: UInt64(bigEndian: stored)) else { return nil }
        let token = RecordToken(place: place, salt: salt)
        guard token.bytes == bytes else { return nil }
        self = token
    }
}

/// A value that JSON would not have brought back as it was: a fault of its coding, which an
/// interned record would hide.
package enum RecordCodingFinding: Hashable, Sendable {
    case unreadable(type: String, CanonicalJSON.Failure)
    /// What was read back is another value.
    case altered(type: String)
    /// The same value was written with other bytes.
    case unstable(type: String)

    static let limit = 16

    /// Nil when the value comes back as it was.
    init?<Value: Codable & Hashable & Sendable>(about value: Value) {
        let name = String(describing: Value.self)
        let bytes = CanonicalJSON.encode(value)
        let back: Value
        do {
            back = try CanonicalJSON.decode(Value.self, from: bytes)
        } catch {
            self = .unreadable(type: name, error)
            return
        }
        if back != value {
            self = .altered(type: name)
        } else if CanonicalJSON.encode(back) != bytes {
            self = .unstable(type: name)
        } else {
            return nil
        }
    }
}
