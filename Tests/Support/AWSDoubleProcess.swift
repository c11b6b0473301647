package import Glibc
package import Training

/// A running `AWSDouble` of this package on a free port; it and its machines end with this value.
package final class AWSDoubleProcess: Sendable {
    package let port: Int
    package let pid: pid_t
    private let process: ToolProcess

    /// The administrator that the double knows from its start.
    package static let accessKeyID = "AKIAHOLDFASTDOUBLE00"
    package static let secretAccessKey = "double/secret+of/the/administrator0000000"

    package struct NotStarted: Error {
        package var said: String?
    }

    /// Starts the double; `arguments` as `AWSDouble --help` explains them.
    package init(_ arguments: [String] = []) throws {
        process = try ToolProcess(
            [BuiltPrograms.folder + "/AWSDouble"] + arguments,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
        pid = process.pid
        let line = process.line()
        guard let line, line.hasPrefix("AWS double on http://127.0.0.1:"),
            let port = line.split(separator: ":").last.flatMap({ Int($0) })
        else { throw NotStarted(said: line) }
        self.port = port
    }

    deinit {
        // It answers once its machines are dead; after that it may be killed at any moment.
        _ = try? control("POST", "end")
    }

    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// What clients of the double need in their environment.
    package func environment(region: String = "us-east-1") -> [String: String] {
        [
            "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": region, "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": Self.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": Self.secretAccessKey, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
    }

    // MARK: The control API, `/_double/`

    package struct Refused: Error {
        package var path: String
        package var status: Int
        package var answer: String
    }

    /// Calls the control API; gives the body of the answer.
    ///
    /// `path` is what follows `/_double/`.
    @discardableResult
    package func control(
        _ method: String, _ path: String, _ json: String = ""
    ) throws -> String {
        let answer = try LoopbackHTTP.exchange(port, method, "/_double/" + path, body: json)
        guard answer.status == 200 else {
            throw Refused(path: path, status: answer.status, answer: answer.body)
        }
        return answer.body
    }

    /// Adds a fault, or replaces the one of that name; see `FaultOrder` of the double.
    package func fault(_ json: String) throws {
        try control("POST", "faults", json)
    }

    /// Sets the double's clock forward: for EC2, for S3, and for what `reconcile` takes as now.
    package func advance(minutes: Int) throws {
        try control("POST", "clock", "{\"milliseconds\":\(minutes * 60_000)}")
    }

    /// A call that the double saw.
    package struct Call: Decodable, Sendable {
        package var number: Int
        package var at: Timestamp
        package var service: String
        /// As the API names it: `RunInstances`, `PutObject`.
        package var operation: String
        package var region: String
        /// `bucket/key`, instance ids, a parameter's name.
        package var resources: [String]
        /// The ARN of who asked; empty when unknown.
        package var caller: String
        /// `ok` or the error's code; with ` (unanswered)` when the caller never learned.
        package var outcome: String
    }

    /// Every call since the start, or since `clearCalls`.
    package func calls() throws -> [Call] {
        struct Log: Decodable { var calls: [Call] }
        let text = try control("GET", "calls")
        return try CanonicalJSON.decode(Log.self, from: Array(text.utf8)).calls
    }

    package func clearCalls() throws {
        try control("DELETE", "calls")
    }

    /// What one rule of `kills` has met.
    package struct Kill: Decodable, Sendable {
        /// The calls that counted, in order: the operation and what it is about.
        package var calls: [String]
        /// It struck, and its process was alive.
        package var hasStruck: Bool
    }

    /// Of every rule in force, in the order in which they were added.
    package func kills() throws -> [Kill] {
        struct List: Decodable { var kills: [Kill] }
        let text = try control("GET", "kills")
        return try CanonicalJSON.decode(List.self, from: Array(text.utf8)).kills
    }

    /// A machine as it really is, whatever describes show.
    package struct Machine: Decodable, Sendable {
        package var id: String
        package var region: String
        package var zone: String
        package var type: String
        package var state: String
        package var stateReason: String
        package var clientToken: String
        package var tags: [String: String]
        package var boots: Int
        /// Its `HOLDFAST_ROOT`; empty when its user data does not run.
        package var root: String
        /// Its metadata endpoint; empty before its first boot.
        package var metadata: String
    }

    package func machines() throws -> [Machine] {
        struct List: Decodable { var instances: [Machine] }
        let text = try control("GET", "instances")
        return try CanonicalJSON.decode(List.self, from: Array(text.utf8)).instances
    }

    // MARK: Buckets, seen from outside

    package func makeBucket(_ name: String, region: String = "us-east-1") throws {
        try control("PUT", "objects/\(name)?region=\(region)")
    }

    /// Nil where there is no such object; only texts come through whole.
    package func object(_ key: String, in bucket: String) throws -> [UInt8]? {
        let answer = try LoopbackHTTP.exchange(port, "GET", "/_double/objects/\(bucket)/\(key)")
        if answer.status == 404 { return nil }
        guard answer.status == 200 else {
            throw Refused(path: key, status: answer.status, answer: answer.body)
        }
        return Array(answer.body.utf8)
    }

    package func write(_ bytes: [UInt8], to key: String, in bucket: String) throws {
        try control("PUT", "objects/\(bucket)/\(key)", String(decoding: bytes, as: UTF8.self))
    }

    /// Sorted.
    package func keys(below prefix: String, in bucket: String) throws -> [String] {
        struct List: Decodable { var keys: [String] }
        let text = try control("GET", "objects/\(bucket)?prefix=\(prefix)")
        return try CanonicalJSON.decode(List.self, from: Array(text.utf8)).keys
    }
}
