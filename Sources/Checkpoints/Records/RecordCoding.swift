package import Training

/// How values become the bytes of stored objects, and come back.
///
/// The store's own form is canonical JSON, see `JSONRecordCoding`. A simulated world, whose store
/// lives in its own memory, may keep the values themselves.
package protocol RecordCoding: Sendable {
    /// Equal values have equal bytes.
    func encode<Value: Codable & Hashable & Sendable>(_ value: Value) -> [UInt8]

    func decode<Value: Decodable & Sendable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(CanonicalJSON.Failure) -> Value

    /// The SHA-256 of the canonical JSON that `bytes` stand for: what references to them carry.
    func digest(of bytes: [UInt8]) -> Digest
}

/// The stored form: bytes that people and other programs can read.
package struct JSONRecordCoding: RecordCoding {
    package init() {}

    package func encode<Value: Codable & Hashable & Sendable>(_ value: Value) -> [UInt8] {
        CanonicalJSON.encode(value)
    }

    package func decode<Value: Decodable & Sendable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(CanonicalJSON.Failure) -> Value {
        try CanonicalJSON.decode(type, from: bytes)
    }

    package func digest(of bytes: [UInt8]) -> Digest { Digest(of: bytes) }
}
