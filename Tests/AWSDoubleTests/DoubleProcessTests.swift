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
            calls = '{"operation": "PutObject", "caller": "*:user/admin", "resource": "b-1/*"}'
            rule = '{"pid": %d, "when": "\(moment)", "calls": ' + calls + ', "nth": 2}'
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
        let record = try #require(try double.kills().first)
        #expect(record.hasStruck && record.calls == ["PutObject b-1/x", "PutObject b-1/y"])
    }

    @Test("a kill that waits for a call, or for another caller → counts only from there")
    func patience() throws {
        let double = try AWSDoubleProcess()
        try double.control("POST", "buckets", #"{"name": "b-1", "region": "us-east-1"}"#)
        let rule = #"{"pid": 0, "when": "before", "since": "#
        try double.control(
            "POST", "kills", rule + #"{"operation": "GetObject", "resource": "b-1/y"}}"#)
        try double.control("POST", "kills", rule + #"{"operation": "HeadObject"}}"#)
        try double.control(
            "POST", "kills",
            #"{"pid": 0, "when": "before", "calls": {"caller": "*/holdfast-instance/*"}}"#)
        let script = """
            import boto3
            s3 = boto3.client("s3")
            s3.put_object(Bucket="b-1", Key="x", Body=b"1")
            try:
                s3.get_object(Bucket="b-1", Key="y")
            except s3.exceptions.NoSuchKey:
                s3.put_object(Bucket="b-1", Key="y", Body=b"1")
            s3.get_object(Bucket="b-1", Key="y")
            s3.put_object(Bucket="b-1", Key="z", Body=b"1")
            """
        let result = try ToolProcess.run(
            [TestPython.interpreter, "-c", script], environment: double.environment())
        #expect(result.status == 0, "\(result.output)")
        #expect(try double.kills().map(\.calls) == [["PutObject b-1/z"], [], []])
        #expect(try double.kills().allSatisfy { !$0.hasStruck })
    }
}
