import Simulation
import Testing
import Training

struct CloudTests {
    private func cloud() throws -> SimulatedCloud {
        var cloud = SimulatedCloud(
            regions: ["us-east-1", "eu-west-1"], at: Region.start, seed: 1, rules: .prompt)
        cloud.iam.setUser("admin", accessKey: "ADMIN", secret: "s", policy: .administrator)
        cloud.iam.setUser("reader", accessKey: "READER", secret: "s", policy: .reader)
        try cloud.s3.createBucket("bucket", region: "us-east-1")
        return cloud
    }

    private func call(
        _ service: CloudCall.Service, _ operation: String, by key: String = "ADMIN",
        in region: String = "us-east-1", on resources: [String] = []
    ) -> CloudCall {
        CloudCall(service, operation, region: region, accessKey: key, resources: resources)
    }

    /// `ok`, an error code, or `-` when no answer came.
    private func send(
        _ call: CloudCall, _ cloud: inout SimulatedCloud, after span: Seconds = 0,
        _ body: (inout SimulatedCloud) throws(CloudFailure) -> Void = { _ throws(CloudFailure) in }
    ) -> String {
        switch cloud.perform(call, at: cloud.now + span, body) {
        case .answered: "ok"
        case .refused(let failure, _): failure.code
        case .unanswered: "-"
        }
    }

    private func launch(_ cloud: inout SimulatedCloud) throws(CloudFailure) {
        var request = SimulatedEC2.RunInstances()
        request.imageID = cloud[ec2: "us-east-1"].place.images[0].id
        request.instanceType = "g5.xlarge"
        request.clientToken = "t"
        request.instanceProfile = "holdfast-instance"
        request.metadata.requiresTokens = true
        request.metadata.showsTags = true
        request.tagSpecifications = [.init("instance", [.init("holdfast:run", "a")])]
        _ = try cloud[ec2: "us-east-1"].runInstances(request)
    }

    @Test("a reader's launch, a stranger's call, no key → each service's refusal")
    func refused() throws {
        var cloud = try cloud()
        #expect(send(call(.ec2, "RunInstances", by: "READER"), &cloud) == "UnauthorizedOperation")
        #expect(send(call(.ec2, "DescribeInstances", by: "READER"), &cloud) == "ok")
        #expect(send(call(.ec2, "DescribeInstances", by: "X"), &cloud) == "AuthFailure")
        #expect(send(call(.s3, "GetObject", by: "X"), &cloud) == "InvalidAccessKeyId")
        #expect(send(call(.ec2, "RunInstances", by: ""), &cloud) == "MissingAuthenticationToken")
        #expect(
            send(call(.s3, "GetObject", in: "eu-west-1", on: ["bucket/k"]), &cloud)
                == "PermanentRedirect")
    }

    @Test("a lost reply → done, not answered, and the same token gives the same machine")
    func lostReply() throws {
        var cloud = try cloud()
        cloud.faults.set(
            "lose", FaultRule(operation: "RunInstances", occurrence: .nth(1), effect: .loseReply))
        #expect(send(call(.ec2, "RunInstances"), &cloud, launch) == "-")
        #expect(cloud[ec2: "us-east-1"].instances.count == 1)
        #expect(send(call(.ec2, "RunInstances"), &cloud, launch) == "ok")
        #expect(cloud[ec2: "us-east-1"].instances.count == 1)
        #expect(cloud.log.records.map(\.outcome) == ["ok (unanswered)", "ok"])
        #expect(cloud.log.counts == ["ec2:RunInstances": 2])
    }

    @Test("a region that is down for a minute → its calls go unanswered, the other's do not")
    func outage() throws {
        var cloud = try cloud()
        cloud.faults.set("down", .outage(region: "us-east-1", until: cloud.now + 60))
        #expect(send(call(.ec2, "RunInstances"), &cloud, launch) == "-")
        #expect(cloud[ec2: "us-east-1"].instances.isEmpty)
        #expect(send(call(.ec2, "DescribeInstances", in: "eu-west-1"), &cloud) == "ok")
        #expect(send(call(.ec2, "RunInstances"), &cloud, after: 60, launch) == "ok")
    }

    @Test("a bucket that denies an instance role its writes → reads go on, other callers too")
    func bucketPolicy() throws {
        var cloud = try cloud()
        cloud.iam.setRole(.init(name: "node", policy: .administrator))
        cloud.s3.buckets["bucket"]?.policy = PolicyDocument([
            .deny(
                ["s3:PutObject", "s3:DeleteObject"], on: ["arn:aws:s3:::bucket/runs/*"],
                for: [cloud.iam.roleARN("node")])
        ])
        let session = try cloud.assumeRole(cloud.iam.roleARN("node"), session: "i-1")
        func outcome(_ operation: String, _ resource: String) -> String {
            let call = CloudCall(
                .s3, operation, region: "us-east-1", accessKey: session.accessKey,
                sessionToken: session.token, resources: [resource])
            return send(call, &cloud)
        }
        #expect(outcome("PutObject", "bucket/runs/a") == "AccessDenied")
        #expect(outcome("UploadPart", "bucket/runs/a") == "AccessDenied")
        #expect(outcome("GetObject", "bucket/runs/a") == "ok")
        #expect(outcome("PutObject", "bucket/index/a") == "ok")
        #expect(send(call(.s3, "PutObject", on: ["bucket/runs/a"]), &cloud) == "ok")
    }

    @Test("a policy that forces If-None-Match → a put without it is denied")
    func forcedCondition() throws {
        var cloud = try cloud()
        cloud.s3.buckets["bucket"]?.policy = PolicyDocument([
            PolicyStatement(
                .deny, ["s3:PutObject"], on: ["arn:aws:s3:::bucket/runs/*"], for: ["*"],
                when: ["Null": ["s3:if-none-match": ["true"]]])
        ])
        var put = call(.s3, "PutObject", on: ["bucket/runs/a"])
        #expect(send(put, &cloud) == "AccessDenied")
        put.conditions["s3:if-none-match"] = ["*"]
        #expect(send(put, &cloud) == "ok")
    }

    @Test("a condition with IfExists → holds where the request has no such value")
    func conditionIfExists() throws {
        var cloud = try cloud()
        cloud.iam.setUser(
            "lister", accessKey: "LISTER", secret: "s",
            policy: .init([
                PolicyStatement(
                    .allow, ["s3:ListBucket"],
                    when: ["StringLikeIfExists": ["s3:prefix": ["ours/*"]]])
            ]))
        var list = call(.s3, "ListObjectsV2", by: "LISTER", on: ["bucket"])
        #expect(send(list, &cloud) == "ok")
        list.conditions["s3:prefix"] = ["ours/runs/"]
        #expect(send(list, &cloud) == "ok")
        list.conditions["s3:prefix"] = ["theirs/"]
        #expect(send(list, &cloud) == "AccessDenied")
    }

    @Test("an absent key → 404 for who may list, 403 for who may not")
    func hiddenAbsence() throws {
        var cloud = try cloud()
        cloud.iam.setUser(
            "blind", accessKey: "BLIND", secret: "s", policy: .init([.allow(["s3:GetObject"])]))
        let read = { (cloud: inout SimulatedCloud) throws(CloudFailure) in
            _ = try cloud.s3.getObject("bucket", "k")
        }
        #expect(send(call(.s3, "GetObject", on: ["bucket/k"]), &cloud, read) == "NoSuchKey")
        #expect(
            send(call(.s3, "HeadObject", by: "BLIND", on: ["bucket/k"]), &cloud, read)
                == "AccessDenied")
    }

    @Test("a session that has ended → each service's word for it")
    func expired() throws {
        var cloud = try cloud()
        cloud.iam.setRole(.init(name: "ci", policy: .administrator, webIdentityToken: "w"))
        let arn = cloud.iam.roleARN("ci")
        #expect(throws: CloudFailure.self) {
            try cloud.assumeRoleWithWebIdentity(arn, session: "ci", token: "other")
        }
        let session = try cloud.assumeRoleWithWebIdentity(arn, session: "ci", token: "w")
        func outcome(_ service: CloudCall.Service, after span: Seconds) -> String {
            let call = CloudCall(
                service, "GetObject", region: "us-east-1", accessKey: session.accessKey,
                sessionToken: session.token)
            return send(call, &cloud, after: span)
        }
        #expect(outcome(.s3, after: 3599) == "ok")
        #expect(outcome(.s3, after: 1) == "ExpiredToken")
        #expect(outcome(.ec2, after: 0) == "RequestExpired")
        #expect(outcome(.ssm, after: 0) == "ExpiredTokenException")
    }

    @Test("a policy written as IAM's JSON → read with single values and lists alike")
    func policyText() throws {
        let text = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*",
            "Resource":["arn:aws:s3:::bucket/*"]},{"Effect":"Deny","Principal":"*",
            "Action":["s3:*"],"Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}]}
            """
        let policy = try CanonicalJSON.decode(PolicyDocument.self, from: Array(text.utf8))
        #expect(policy.statements.count == 2)
        #expect(policy.statements[0].actions == ["s3:Get*"])
        #expect(policy.statements[1].conditions?["Bool"]?["aws:SecureTransport"] == ["false"])
    }
}
