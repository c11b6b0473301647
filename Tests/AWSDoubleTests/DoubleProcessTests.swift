import Glibc
import Processes
import TestSupport
import Testing

/// The double as a program: its start, its end, and what it takes with it.
struct DoubleProcessTests {
    private func machine(of double: AWSDoubleProcess) throws -> ProcessIdentity {
        try #require(ProcessIdentity(of: double.pid))
    }

    @Test("whoever started it lets go → it ends by itself")
    func lettingGo() async throws {
        var double: AWSDoubleProcess? = try AWSDoubleProcess()
        let identity = try machine(of: try #require(double))
        #expect(identity.isAlive)
        double = nil
        for _ in 0..<6_000 where identity.isAlive { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!identity.isAlive)
    }

    @Test("SIGTERM → it ends")
    func terminated() async throws {
        let double = try AWSDoubleProcess()
        let identity = try machine(of: double)
        identity.signal(SIGTERM)
        for _ in 0..<6_000 where identity.isAlive { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!identity.isAlive)
    }

    @Test("bytes that are no HTTP, or a control call that does not exist → refused, and it goes on")
    func malformed() throws {
        let double = try AWSDoubleProcess()
        let strange = try LoopbackHTTP.exchange(double.port, "GET /x", "y z")
        #expect(strange.status == 400)
        #expect(throws: AWSDoubleProcess.Refused.self) { try double.control("POST", "nothing") }
        #expect(throws: AWSDoubleProcess.Refused.self) {
            try double.control("POST", "faults", "{\"name\": \"x\", \"effect\": \"refuse\"}")
        }
        #expect(try double.machines().isEmpty)
    }

    @Test(
        "a kill at the second of three calls → it was done, or not, and the third never comes",
        arguments: [("before", 1), ("after", 2)])
    func kills(moment: String, done: Int) throws {
        let double = try AWSDoubleProcess()
        try double.control("POST", "buckets", #"{"name": "b-1", "region": "us-east-1"}"#)
        let script = """
            import boto3, os, urllib.request
            rule = '{"pid": %d, "when": "\(moment)", "operation": "PutObject", "nth": 2}'
            urllib.request.urlopen(
                os.environ["AWS_ENDPOINT_URL"] + "/_double/kills", (rule % os.getpid()).encode())
            s3 = boto3.client("s3")
            for name in "xyz":
                s3.put_object(Bucket="b-1", Key=name, Body=b"1")
            """
        let result = try ToolProcess.run(
            [TestPython.interpreter, "-c", script], environment: double.environment())
        #expect(result.status == 128 + SIGKILL, "\(result.output)")
        let puts = try double.calls().filter { $0.operation == "PutObject" }
        #expect(puts.count == 2)
        #expect(puts.count { $0.outcome == "ok" } == done)
    }
}
