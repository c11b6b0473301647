import Simulation
import Testing
import Training

struct MetadataTests {
    /// A running spot machine with tags in its metadata.
    private struct Node {
        var cloud = SimulatedCloud(
            regions: ["us-east-1"], at: Region.start, seed: 1, rules: .prompt)
        var id = InstanceID("")

        init(_ change: (inout SimulatedEC2.RunInstances) -> Void = { _ in }) throws {
            cloud.iam.setRole(.init(name: "holdfast-instance", policy: .administrator))
            var request = SimulatedEC2.RunInstances()
            request.imageID = cloud[ec2: "us-east-1"].place.images[0].id
            request.instanceType = "g5.xlarge"
            request.spot = .init()
            request.instanceProfile = "holdfast-instance"
            request.userData = Array("#!/bin/sh".utf8)
            request.metadata.requiresTokens = true
            request.metadata.showsTags = true
            request.tagSpecifications = [
                .init("instance", [.init("Name", "a"), .init("holdfast:run", "b")])
            ]
            change(&request)
            id = try cloud[ec2: "us-east-1"].runInstances(request)[0].id
            _ = cloud.advance(to: cloud.now + 1)
        }

        mutating func token(_ span: String? = "60") throws(CloudFailure) -> String {
            try cloud.metadataToken(id, in: "us-east-1", timeToLive: span, at: cloud.now)
        }

        /// The answer, or the status of the refusal.
        mutating func get(_ path: String, _ token: String?, after span: Seconds = 0) -> String {
            do {
                let bytes = try cloud.metadata(
                    path, of: id, in: "us-east-1", token: token, at: cloud.now + span)
                return String(decoding: bytes, as: UTF8.self)
            } catch {
                return String(error.status)
            }
        }
    }

    @Test("no token, a stranger's, an old one → 401; a bad time to live → 400")
    func tokens() throws {
        var node = try Node()
        let token = try node.token()
        #expect(node.get("meta-data/instance-id", nil) == "401")
        #expect(node.get("meta-data/instance-id", "x") == "401")
        #expect(node.get("meta-data/instance-id", token) == node.id.text)
        #expect(node.get("meta-data/instance-id", token, after: 60) == "401")
        for span in [nil, "0", "21601", "x"] {
            #expect(throws: CloudFailure.self) { try node.token(span) }
        }
    }

    @Test("metadata turned off → 403 for the token and for every path")
    func disabled() throws {
        var node = try Node { $0.metadata.isEnabled = false }
        #expect(node.get("meta-data/instance-id", nil) == "403")
        #expect(throws: CloudFailure(status: 403, "Forbidden", "403 - Forbidden")) {
            try node.token()
        }
    }

    @Test("facts, tags, user data → as launched, and live")
    func facts() throws {
        var node = try Node()
        let token = try node.token()
        #expect(node.get("user-data", token) == "#!/bin/sh")
        #expect(node.get("meta-data/instance-life-cycle", token) == "spot")
        #expect(node.get("meta-data/tags/instance/", token) == "Name\nholdfast:run")
        #expect(node.get("meta-data/tags/instance/holdfast:run", token) == "b")
        #expect(node.get("meta-data/tags/instance/other", token) == "404")
        let id = node.id.text
        try node.cloud[ec2: "us-east-1"].createTags([id], [.init("other", "c")])
        #expect(node.get("meta-data/tags/instance/other", token) == "c")
    }

    @Test("a notice → 404 before, action and time while it stands, nothing once it is off")
    func notice() throws {
        var node = try Node()
        let token = try node.token("21600")
        let path = "meta-data/spot/instance-action"
        #expect(node.get(path, token) == "404")
        #expect(node.get("meta-data/events/recommendations/rebalance", token) == "404")
        #expect(node.get("meta-data/events/maintenance/scheduled", token) == "[]")
        let id = node.id
        node.cloud[ec2: "us-east-1"].recommendRebalance(id)
        node.cloud[ec2: "us-east-1"].interrupt(id)
        let time = (node.cloud.now + 120).wholeSeconds
        #expect(node.get(path, token) == #"{"action":"terminate","time":"\#(time)"}"#)
        #expect(node.get("meta-data/spot/termination-time", token) == time)
        #expect(
            node.get("meta-data/events/recommendations/rebalance", token)
                .hasPrefix(#"{"noticeTime":""#))
        #expect(node.get(path, token, after: 200) == "503")
    }

    @Test("the role's credentials → they sign for the role, and are renewed before their end")
    func credentials() throws {
        struct Answer: Decodable {
            var AccessKeyId: String
            var Token: String
            var Expiration: String
        }
        var node = try Node()
        let token = try node.token("21600")
        let list = "meta-data/iam/security-credentials/"
        #expect(node.get(list, token) == "holdfast-instance")
        func answer(after span: Seconds) throws -> Answer {
            let text = node.get(list + "holdfast-instance", token, after: span)
            return try CanonicalJSON.decode(Answer.self, from: Array(text.utf8))
        }
        let first = try answer(after: 0)
        let call = CloudCall(
            .sts, "GetCallerIdentity", region: "us-east-1", accessKey: first.AccessKeyId,
            sessionToken: first.Token)
        #expect(
            try node.cloud.callerIdentity(of: call).arn.hasSuffix(
                "assumed-role/holdfast-instance/\(node.id)"))
        #expect(try answer(after: .hours(4)).AccessKeyId == first.AccessKeyId)
        #expect(try answer(after: .hours(1)).AccessKeyId != first.AccessKeyId)
    }
}
