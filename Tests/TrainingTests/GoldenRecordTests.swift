import Glibc
import TestSupport
import Testing
import Training

/// The store's formats are frozen: what one release writes, every later one reads.
///
/// A difference here is a change of a format. Set `HOLDFAST_UPDATE_GOLDEN=1` to write new files,
/// and look at what that means for stores that exist.
struct GoldenRecordTests {
    @Test("ledger")
    func ledger() throws { try expect(Samples.ledger, is: "ledger.json") }

    @Test("index")
    func index() throws { try expect(Samples.index, is: "index.json") }

    @Test("manifest of a checkpoint")
    func manifest() throws { try expect(Samples.manifest, is: "MANIFEST.json") }

    @Test("scope")
    func scope() throws { try expect(Samples.scope, is: "scope.json") }

    @Test("heartbeat")
    func heartbeat() throws { try expect(Samples.heartbeat, is: "heartbeat.json") }

    @Test("user data")
    func userData() throws { try expect(Samples.userData, is: "user-data.json") }

    @Test("a key that no release knows → ignored by an older one of the same version")
    func unknownKey() throws {
        let text = String(decoding: CanonicalJSON.encode(Samples.heartbeat), as: UTF8.self)
        let wider = #"{"future":[1],"# + text.dropFirst()
        #expect(
            try CanonicalJSON.decode(Heartbeat.self, from: Array(wider.utf8))
                == Samples.heartbeat)
    }

    @Test("a missing key → named in the error, the bytes are not quoted")
    func missingKey() {
        #expect(throws: CanonicalJSON.Failure.malformed(": key boot is missing")) {
            try CanonicalJSON.decode(
                Heartbeat.self, from: Array(#"{"version":1,"instance":"i-1"}"#.utf8))
        }
    }

    /// The value has the bytes of the golden file, and the file reads as the value.
    private func expect<Value: Codable & Equatable>(_ value: Value, is name: String) throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/Golden/\(name)"
        let text = CanonicalJSON.encode(value, pretty: true) + [UInt8(ascii: "\n")]
        if getenv("HOLDFAST_UPDATE_GOLDEN") != nil { LocalFile.write(path, text) }
        let golden = try #require(LocalFile.read(path), "\(path) is missing")
        #expect(String(decoding: golden, as: UTF8.self) == String(decoding: text, as: UTF8.self))
        #expect(try CanonicalJSON.decode(Value.self, from: golden) == value)
        #expect(try CanonicalJSON.decode(Value.self, from: CanonicalJSON.encode(value)) == value)
    }
}
