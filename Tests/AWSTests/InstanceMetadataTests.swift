import AWS
import TestSupport
import Testing
import Training

struct InstanceMetadataTests {
    private let server: IdentityServer
    private let metadata: InstanceMetadata
    private let directory: TemporaryDirectory

    init() async throws {
        server = try await offPool { try IdentityServer() }
        directory = try TemporaryDirectory()
        directory.write("boot_id", "4f6c1c2e-boot\n")
        metadata = InstanceMetadata(server.client(), bootFile: directory("boot_id"))
        try await server.stand("meta-data/instance-id", "i-0123456789abcdef0")
    }

    private func failure<Value>(
        _ ask: () async throws(MetadataFailure) -> Value
    ) async -> MetadataFailure? {
        do throws(MetadataFailure) {
            _ = try await ask()
            return nil
        } catch {
            return error
        }
    }

    @Test("an instance → its id, its user data, and a boot that differs after a stop and a start")
    func identity() async throws {
        try await server.stand("user-data", "#!/bin/sh\nexit\n")
        let document = #"{"accountId":"1","pendingTime":"2026-11-21T12:00:00Z","extra":[1]}"#
        try await server.stand("dynamic/instance-identity/document", document)
        let first = try await metadata.identity()
        #expect(first.instance == InstanceID("i-0123456789abcdef0"))
        #expect(String(decoding: first.userData, as: UTF8.self) == "#!/bin/sh\nexit\n")
        #expect(first.boot == "4f6c1c2e-boot/2026-11-21T12:00:00Z")
        #expect(try await metadata.identity() == first)
        directory.write("boot_id", "another\n")
        #expect(try await metadata.identity().boot != first.boot)
    }

    @Test("no user data → empty; more than 16 KiB → malformed")
    func userData() async throws {
        #expect(try await metadata.identity().userData == [])
        try await server.stand("user-data", String(repeating: "x", count: 16 << 10))
        #expect(try await metadata.identity().userData.count == 16 << 10)
        try await server.stand("user-data", String(repeating: "x", count: (16 << 10) + 1))
        guard
            case .malformed? = await failure({ () async throws(MetadataFailure) in
                try await metadata.identity()
            })
        else {
            Issue.record("not malformed")
            return
        }
    }

    @Test("no notice → nil; each action → the notice with its time")
    func notice() async throws {
        #expect(try await metadata.notice() == nil)
        for action in ["terminate", "stop", "hibernate"] {
            try await server.stand(
                "meta-data/spot/instance-action",
                #"{"action": "\#(action)", "time": "2026-11-21T12:02:00Z"}"#)
            let deadline = try #require(Timestamp("2026-11-21T12:02:00Z"))
            #expect(
                try await metadata.notice()
                    == Notice(kind: .spotInterruption, deadline: deadline))
        }
    }

    @Test("a time that moves → the earliest stays the deadline, until the notice is gone")
    func movingTime() async throws {
        let path = "meta-data/spot/instance-action"
        for time in ["12:02:05", "12:02:00", "12:02:10"] {
            try await server.stand(
                path, #"{"action":"terminate","time":"2026-11-21T\#(time)Z"}"#)
            _ = try await metadata.notice()
        }
        #expect(
            try await metadata.notice()?.deadline == Timestamp("2026-11-21T12:02:00Z"))
        try await server.stand(path, "")
        #expect(try await metadata.notice() == nil)
        try await server.stand(path, #"{"action":"stop","time":"2026-11-21T13:00:00Z"}"#)
        #expect(
            try await metadata.notice()?.deadline == Timestamp("2026-11-21T13:00:00Z"))
    }

    @Test(
        "a notice that cannot be read → malformed, never no notice",
        arguments: [
            "soon", "{}", #"{"action":"terminate"}"#,
            #"{"action":"terminate","time":"tomorrow"}"#,
            #"{"action":"dance","time":"2026-11-21T12:02:00Z"}"#,
        ])
    func malformedNotice(body: String) async throws {
        try await server.stand("meta-data/spot/instance-action", body)
        guard
            case .malformed? = await failure({ () async throws(MetadataFailure) in
                try await metadata.notice()
            })
        else {
            Issue.record("not malformed")
            return
        }
    }

    @Test("tags, region, zone, type → their values; a tag that is absent → nil")
    func values() async throws {
        try await server.stand("meta-data/tags/instance/holdfast:intent", "7")
        try await server.stand("meta-data/tags/instance/odd%20key%2F", "x")
        try await server.stand("meta-data/placement/region", "eu-west-1")
        try await server.stand("meta-data/placement/availability-zone", "eu-west-1b")
        try await server.stand("meta-data/instance-type", "g5.xlarge\n")
        #expect(try await metadata.tag("holdfast:intent") == "7")
        #expect(try await metadata.tag("odd key/") == "x")
        #expect(try await metadata.tag("absent") == nil)
        #expect(try await metadata.region() == "eu-west-1")
        #expect(try await metadata.availabilityZone() == "eu-west-1b")
        #expect(try await metadata.instanceType() == "g5.xlarge")
    }

    @Test("many reads → one token; a token that is refused → another one, once")
    func tokens() async throws {
        for _ in 1...3 { _ = try await metadata.notice() }
        #expect(try await server.log().count { $0.hasPrefix("PUT") } == 1)
        try await server.tell("forget")
        #expect(try await metadata.notice() == nil)
        #expect(try await server.log().count { $0.hasPrefix("PUT") } == 2)
        try await server.tell("status/401/latest/meta-data")
        #expect(
            await failure { () async throws(MetadataFailure) in try await metadata.notice() }
                != nil)
        #expect(try await server.log().count { $0.hasPrefix("PUT") } == 3)
    }

    @Test("metadata turned off, by the instance or by the environment → forbidden, not asked again")
    func forbidden() async throws {
        try await server.tell("status/403/latest/api")
        guard
            case .forbidden? = await failure({ () async throws(MetadataFailure) in
                try await metadata.notice()
            })
        else {
            Issue.record("not forbidden")
            return
        }
        #expect(try await server.log().count == 1)
        let off = MetadataClient(
            environment: ["AWS_EC2_METADATA_DISABLED": "True"], http: server.http)
        guard
            case .forbidden? = await failure({ () async throws(MetadataFailure) in
                try await InstanceMetadata(off).region()
            })
        else {
            Issue.record("not forbidden")
            return
        }
    }

    @Test("no answer in time, or only 5xx → unavailable after a few tries")
    func unavailable() async throws {
        try await server.tell("status/503/latest/meta-data")
        let failed = await failure { () async throws(MetadataFailure) in
            try await metadata.notice()
        }
        #expect(failed == .unavailable("meta-data/spot/instance-action: status 503"))
        #expect(try await server.log().count { $0.hasPrefix("GET") } == 3)
        try await server.tell("slow/400")
        let hasty = InstanceMetadata(server.client(tries: 2, timeout: .milliseconds(150)))
        guard
            case .unavailable? = await failure({ () async throws(MetadataFailure) in
                try await hasty.region()
            })
        else {
            Issue.record("not unavailable")
            return
        }
    }
}
