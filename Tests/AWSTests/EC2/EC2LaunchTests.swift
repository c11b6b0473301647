import TestSupport
import Testing
import Training

@testable import AWS

struct EC2LaunchTests {
    private func failure(of request: LaunchRequest, _ scene: EC2Scene) async -> LaunchFailure? {
        do throws(LaunchFailure) {
            _ = try await scene.provider.launch(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("a spot launch → every parameter as botocore reads it; the machine comes back")
    func spot() async throws {
        let scene = try await EC2Scene()
        try await scene.answer(
            "RunInstances",
            "<reservationId>r-1</reservationId><instancesSet>"
                + EC2Scene.machine(
                    "i-1", 0, "pending", token: "token-1",
                    more: "<instanceLifecycle>spot</instanceLifecycle>"
                        + "<tagSet><item><key>holdfast:run</key><value>a</value></item></tagSet>")
                + "</instancesSet>")
        let instance = try await scene.provider.launch(
            EC2Scene.request(maxPrice: Dollars(micros: 600_000)))
        #expect(
            instance
                == Instance(
                    id: InstanceID("i-1"), state: .pending, market: .spot, region: "us-east-1",
                    clientToken: "token-1", tags: [Tag.run: "a"],
                    launchedAt: try #require(Timestamp("2026-11-21T12:00:00Z")),
                    instanceType: "g5.xlarge", zone: "us-east-1a"))
        #expect(try await scene.calls("RunInstances") == [Self.everything])
    }

    private static var everything: String {
        let tags =
            #"[{"Key": "holdfast:run", "Value": "a"}, {"Key": "holdfast:scope", "Value": "s"}]"#
        let tagged = ["instance", "volume", "network-interface", "spot-instances-request"].map {
            #"{"ResourceType": "\#($0)", "Tags": \#(tags)}"#
        }
        return #"{"BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "#
            + #""Ebs": {"DeleteOnTermination": true, "VolumeSize": 100, "#
            + #""VolumeType": "gp3"}}], "ClientToken": "token-1", "#
            + #""IamInstanceProfile": {"Name": "holdfast-instance"}, "ImageId": "ami-1", "#
            + #""InstanceInitiatedShutdownBehavior": "terminate", "#
            + #""InstanceMarketOptions": {"MarketType": "spot", "#
            + #""SpotOptions": {"InstanceInterruptionBehavior": "terminate", "#
            + #""MaxPrice": "0.60", "SpotInstanceType": "one-time"}}, "#
            + #""InstanceType": "g5.xlarge", "MaxCount": 1, "#
            + #""MetadataOptions": {"HttpEndpoint": "enabled", "#
            + #""HttpPutResponseHopLimit": 1, "HttpTokens": "required", "#
            + #""InstanceMetadataTags": "enabled"}, "MinCount": 1, "#
            + #""Placement": {"AvailabilityZone": "us-east-1a"}, "#
            + #""SecurityGroupIds": ["sg-2", "sg-1"], "SubnetId": "subnet-1", "#
            + #""TagSpecifications": [\#(tagged.joined(separator: ", "))], "#
            + #""UserData": "IyEvYmluL3NoCg=="}"#
    }

    @Test("on demand with the image's own disk → no market, no volume, no tags of a spot request")
    func onDemand() async throws {
        let scene = try await EC2Scene()
        for _ in 0..<2 {
            try await scene.answer(
                "RunInstances", "<instancesSet>\(EC2Scene.machine("i-1"))</instancesSet>")
            _ = try await scene.provider.launch(EC2Scene.request(market: .onDemand, disk: nil))
        }
        let calls = try await scene.calls("RunInstances")
        try #require(calls.count == 2)
        #expect(calls[0] == calls[1])
        for absent in ["InstanceMarketOptions", "BlockDeviceMappings", "spot-instances-request"] {
            #expect(!calls[0].contains(absent))
        }
    }

    @Test("no answer, an error of the server → unanswered after one call, never sent again")
    func unanswered() async throws {
        let scene = try await EC2Scene()
        try await scene.lose("RunInstances")
        guard case .unanswered = await failure(of: EC2Scene.request(), scene) else {
            Issue.record("a lost answer is definite")
            return
        }
        try await scene.refuse("RunInstances", "InternalError", status: 500)
        guard case .unanswered = await failure(of: EC2Scene.request(), scene) else {
            Issue.record("an internal error is definite")
            return
        }
        #expect(try await scene.calls("RunInstances").count == 2)
    }

    @Test("throttled once → launched; throttled to the end → not sent")
    func throttled() async throws {
        let scene = try await EC2Scene()
        try await scene.refuse("RunInstances", "RequestLimitExceeded", status: 503)
        try await scene.answer(
            "RunInstances", "<instancesSet>\(EC2Scene.machine("i-1"))</instancesSet>")
        #expect(await failure(of: EC2Scene.request(), scene) == nil)
        try await scene.refuse("RunInstances", "RequestLimitExceeded", status: 503, times: 3)
        guard case .notSent = await failure(of: EC2Scene.request(), scene) else {
            Issue.record("a throttle took effect")
            return
        }
    }

    @Test("the token stands for other bytes → its machine is adopted; without one a mismatch")
    func mismatch() async throws {
        let scene = try await EC2Scene()
        try await scene.refuse("RunInstances", "IdempotentParameterMismatch", times: 3)
        try await scene.answer(
            "DescribeInstances", EC2Scene.reservations(EC2Scene.machine("i-7")))
        #expect(try await scene.provider.launch(EC2Scene.request()).id == InstanceID("i-7"))
        #expect(
            try await scene.calls("DescribeInstances").first?
                .contains(#"{"Name": "client-token", "Values": ["token-1"]}"#) == true)
        #expect(await failure(of: EC2Scene.request(), scene) == .parametersMismatch)
        try await scene.answer(
            "DescribeInstances", EC2Scene.reservations(EC2Scene.machine("i-7", 48, "terminated")))
        #expect(await failure(of: EC2Scene.request(), scene) == .instanceTerminated)
    }

    @Test("the token's ended machine comes back → the intent is closed")
    func ended() async throws {
        let scene = try await EC2Scene()
        for (code, state) in [(32, "shutting-down"), (48, "terminated")] {
            try await scene.answer(
                "RunInstances",
                "<instancesSet>\(EC2Scene.machine("i-1", code, state))</instancesSet>")
            #expect(await failure(of: EC2Scene.request(), scene) == .instanceTerminated)
        }
    }

    @Test("user data beyond 16 KiB, a request for elsewhere → rejected without a call")
    func unfit() async throws {
        let scene = try await EC2Scene()
        let large = EC2Scene.request(userData: String(repeating: "a", count: 16_385))
        #expect(await failure(of: large, scene) == .rejected("the user data is beyond 16 KiB"))
        var elsewhere = EC2Scene.request()
        elsewhere.region = "eu-west-1"
        guard case .rejected = await failure(of: elsewhere, scene) else {
            Issue.record("sent to the wrong region")
            return
        }
        #expect(try await scene.calls("RunInstances") == [])
    }
}
