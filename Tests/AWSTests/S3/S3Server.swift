import AWS
import Glibc
import Local
import Synchronization
import TestSupport
import Training
import Transport

/// A server on this machine that speaks S3, and clients for it; it ends with this value.
struct S3Server {
    let server: ScriptServer
    let client: AWSClient

    /// The strict server of `Tests/Servers/s3_faults.py`, with its faults.
    static func faulty(_ faults: String...) throws -> S3Server {
        try faulty(faults)
    }

    static func faulty(_ faults: [String]) throws -> S3Server {
        try S3Server(ScriptServer("s3_faults.py", faults))
    }

    /// An independent imitation of AWS, with an empty bucket; each test has its own.
    ///
    /// One server serves all tests, since it takes seconds to start.
    static func moto(bucket: String) async throws -> S3Server {
        let server = try sharedMoto.get()
        guard try await server.bucket(bucket).create() else {
            throw StoreFailure.local("another test has the bucket \(bucket)")
        }
        return server
    }

    private static let sharedMoto = Result { try S3Server(ScriptServer("moto_server.py")) }

    /// The program that `HOLDFAST_MINIO` names.
    static var minioProgram: String? {
        getenv("HOLDFAST_MINIO").map { String(cString: $0) }
    }

    /// A real MinIO without a bucket.
    static func minio() throws -> S3Server {
        try S3Server(ScriptServer("minio_server.py", [minioProgram ?? "minio"]))
    }

    private init(_ server: ScriptServer) throws {
        self.server = server
        client = AWSClient(
            http: try HTTPClient(),
            credentials: ServerCredentials(server: server),
            endpoints: Endpoints(everything: try HTTPURL(server.url(""))), clock: SystemClock())
    }

    func bucket(_ name: String) -> Bucket {
        Bucket(name, region: "us-east-1", client: client)
    }

    /// Parts as small as S3 allows, and no long waits.
    static let shape = TransferShape(
        part: 5 << 20, range: 1 << 20, parallel: 4, tries: 3, pause: .milliseconds(10))

    func store(_ location: String = "s3://bucket/team", _ shape: TransferShape = shape)
        throws -> S3Store
    {
        S3Store(try Self.location(location), region: "us-east-1", client: client, shape: shape)
    }

    static func location(_ text: String) throws -> S3Location {
        guard let location = S3Location(text) else { throw StoreFailure.local(text) }
        return location
    }

    /// Every call so far, as `operation key`.
    func log() async throws -> [String] {
        try await control("_log").split(separator: "\n").map(String.init)
    }

    /// The uploads that were begun and neither completed nor aborted.
    func openUploads() async throws -> [String] {
        try await control("_open").split(separator: "\n").map(String.init)
    }

    /// The most parts and ranges that were under way at one time.
    func peak() async throws -> Int? { Int(try await control("_peak")) }

    private func control(_ path: String) async throws -> String {
        let answer = try await HTTPClient().send(HTTPRequest(.get, HTTPURL(server.url(path))))
        return String(decoding: answer.body, as: UTF8.self)
    }
}

/// The failure of a call that should fail; nil when it did not.
func failure<Value>(_ call: () async throws -> Value) async -> StoreFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? StoreFailure ?? .local("not a StoreFailure: \(error)")
    }
}

/// Random bytes, which do not repeat at the length of a part.
func unevenBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
        let source = open("/dev/urandom", O_RDONLY | O_CLOEXEC)
        defer { close(source) }
        while written < count {
            let got = read(source, buffer.baseAddress?.advanced(by: written), count - written)
            guard got > 0 else { return }
            written += got
        }
    }
}

extension TemporaryDirectory {
    /// Of a file; nil when it is not there.
    func digest(_ name: String) -> Digest? { read(name).map { Digest(of: $0) } }
}

/// Signs, and keeps the server for as long as a client of it lives.
private struct ServerCredentials: CredentialSource {
    let server: ScriptServer

    func credentials() async throws(CredentialFailure) -> AWSCredentials {
        AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRETEXAMPLE")
    }

    func invalidate() async {}
}

/// A sum over calls from many tasks.
final class Counter: Sendable {
    private let sum = Mutex(0)

    func add(_ number: Int) { sum.withLock { $0 += number } }

    var total: Int { sum.withLock { $0 } }
}
