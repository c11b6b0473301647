import TestSupport
import Testing
import Training

/// The way that the README leads: `init aws`, policies, `doctor`, a run, `teardown`; each part with
/// the rights that `init aws` wrote for it and no others, as a workflow on GitHub gets them.
@Suite("The first run on EC2", .timeLimit(.minutes(30)))
struct FirstRunTests {
    private static let bucket = "acme-holdfast"

    @Test("the README's steps under the policies that init wrote → trained, then nothing is left")
    func firstRun() async throws {
        try await Workshop.open(on: .cloud) { shop in
            let ground = try #require(shop.ground as? CloudGround)
            try await setUp(shop, ground.double)
            try await shop.commit(["manifests/hello.yaml": Self.training.yaml])
            let planner = try role("planner", shop, ground.double)
            let controller = try role("controller", shop, ground.double)

            let plan = try await shop.reconcile("plan", more: planner)
            #expect(plan.code == 0, "\(plan.all)")
            #expect(plan.output.contains("1 to launch"), "\(plan.output)")
            let looks = try calls(of: "planner", ground.double)
            #expect(looks.count > 5, "\(looks)")
            for look in looks {
                let reads = ["Describe", "Get", "Head", "List"]
                #expect(reads.contains { look.operation.hasPrefix($0) }, "\(look)")
            }

            let doctor = try await shop.reconcile("doctor", "-o", "json", more: controller)
            #expect(doctor.code == 0, "\(doctor.all)")
            let unchecked = try Self.findings(doctor.output).filter { $0.verdict != "ok" }
            #expect(unchecked.map(\.check) == ["Terminate"], "\(doctor.output)")

            let pass = try await shop.reconcile(
                "--once", "--wait", "180s", more: controller, within: .seconds(210))
            #expect(pass.code == 0, "\(pass.all)")
            try await shop.until("two checkpoints") {
                try index(ground.double)?.checkpoints.count ?? 0 >= 2
            }
            try expectEnforced(ground.double)

            let teardown = try await shop.reconcile(
                "teardown", "default", "--wait", "90s", more: controller, within: .seconds(120))
            #expect(teardown.code == 0, "\(teardown.all)")
            #expect(try shop.machines().allSatisfy { !$0.isLiving })
            #expect(try index(ground.double)?.report(of: 1)?.outcome == .drained)
            let erased = try await shop.reconcile(
                "teardown", "default", "--delete-data", more: controller)
            #expect(erased.code == 0, "\(erased.all)")
            #expect(try ground.double.keys(below: "", in: Self.bucket).isEmpty)
            for part in ["planner", "controller", "instance"] {
                let refused = try calls(of: part, ground.double).filter {
                    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]
                        .contains($0.outcome)
                }
                #expect(refused.isEmpty, "\(refused)")
            }
        }
    }

    private func calls(
        of part: String, _ double: AWSDoubleProcess
    ) throws -> [AWSDoubleProcess.Call] {
        try double.calls().filter { $0.caller.contains("assumed-role/holdfast-\(part)/") }
    }

    /// Makes the role of a part with the policy that `init aws` wrote for it; gives the variables
    /// of a job that takes it on by its token.
    private func role(
        _ part: String, _ shop: Workshop, _ double: AWSDoubleProcess
    ) throws -> [String: String] {
        let policy = try #require(shop.folder.text("repository/aws/\(part).json"))
        shop.folder.write("\(part).token", "token of the \(part)")
        try double.control(
            "POST", "roles",
            """
            {"name": "holdfast-\(part)", "webIdentityToken": "token of the \(part)",
            "policy": \(policy)}
            """)
        return [
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/holdfast-\(part)",
            "AWS_WEB_IDENTITY_TOKEN_FILE": shop.folder("\(part).token"),
        ]
    }

    /// The README's machine, with a training that saves.
    private static let training = TrainingManifest(
        name: "hello",
        lines: [
            "profile: us-east-1",
            "resources: {instance_type: m6i.large, use_spot: true, max_hourly_cost: 0.09}",
        ])

    /// Does what `init aws` does and shows; the trainers' user is one that this machine has.
    private func setUp(_ shop: Workshop, _ double: AWSDoubleProcess) async throws {
        try await shop.commit(["manifests/policy.yaml": nil, "manifests/profile.yaml": nil])
        let setup = try await shop.run(
            [
                Workshop.programs + "/reconcile", "init", "aws", "--bucket",
                "s3://\(Self.bucket)/research", "--region", "us-east-1", "--create-bucket",
            ], directory: shop.repository)
        try #require(setup.code == 0, "\(setup.all)")
        func written(_ name: String) throws -> String {
            try #require(shop.folder.text("repository/\(name)"), "\(name)")
        }
        try double.control(
            "POST", "roles",
            #"{"name": "holdfast-instance", "policy": \#(try written("aws/instance.json"))}"#)
        let policy = try boto3(
            "s3.put_bucket_policy(Bucket='\(Self.bucket)', Policy=sys.stdin.read())", double,
            input: try written("aws/bucket-policy.json"))
        try #require(policy.status == 0, "\(policy.output)")
        let profile = try written("manifests/profile.yaml")
            .replacing("trainer_user: trainer ", with: "trainer_user: nobody ")
        try await shop.commit(["manifests/profile.yaml": profile])
    }

    /// Not even an administrator overwrites a checkpoint, whatever part of it.
    private func expectEnforced(_ double: AWSDoubleProcess) throws {
        let key = try #require(
            try double.keys(below: "research/runs/hello/checkpoints/", in: Self.bucket).first)
        let overwriting = try boto3(
            "s3.put_object(Bucket='\(Self.bucket)', Key='\(key)', Body=b'x')", double)
        #expect(overwriting.status != 0 && overwriting.output.contains("AccessDenied"))
    }

    private func boto3(
        _ line: String, _ double: AWSDoubleProcess, input: String = ""
    ) throws -> ToolProcess.Result {
        try ToolProcess.run(
            [TestPython.interpreter, "-c", "import boto3, sys; s3 = boto3.client('s3'); \(line)"],
            environment: double.environment(), input: input)
    }

    private func index(_ double: AWSDoubleProcess) throws -> RunIndex? {
        try double.object("research/index/hello.json", in: Self.bucket).map {
            try CanonicalJSON.decode(RunIndex.self, from: $0)
        }
    }

    private struct Finding: Decodable {
        var check: String
        var verdict: String
    }

    private static func findings(_ text: String) throws -> [Finding] {
        struct Document: Decodable { var findings: [Finding] }
        return try CanonicalJSON.decode(Document.self, from: Array(text.utf8)).findings
    }
}
