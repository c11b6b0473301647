import AWS
import Dispatch
import TestSupport
import Testing
import Training

@testable import reconcile

@Suite struct DoctorTests {
    private static let findings = [
        DoctorFinding(.credentials, .ok, "arn:aws:iam::123456789012:user/a, by the environment"),
        AccountJudgement.clock(Timestamp(milliseconds: 0), here: Timestamp(milliseconds: 90_000)),
        AccountJudgement.spotRole(.success(false)),
        AccountJudgement.spotRole(.failure(Unanswered("denied"))),
    ]

    @Test("findings → the text and the document that were looked at")
    func golden() throws {
        let view = DoctorView(findings: Self.findings)
        try Golden.expect(view.text(TextStyle(width: 80)), "doctor.txt")
        try Golden.expect(
            String(decoding: CanonicalJSON.encode(view.document, pretty: true), as: UTF8.self),
            "doctor.json")
    }

    @Test(
        "a clock that is off → a warning after a minute, a problem after four, no word unasked",
        arguments: [
            (59, DoctorFinding.Verdict.ok), (-61, .warning), (240, .warning), (-241, .problem),
        ])
    func clock(seconds: Int, verdict: DoctorFinding.Verdict) {
        let there = Timestamp(milliseconds: 1_000_000_000)
        let finding = AccountJudgement.clock(there, here: there + Seconds(seconds))
        #expect(finding.verdict == verdict)
        #expect(AccountJudgement.clock(nil, here: there).verdict == .unchecked)
    }

    @Test("CPUs that are needed → against the quota; one that cannot be asked is not ok")
    func quota() throws {
        let quota = try #require(CPUQuota(instanceType: "g5.xlarge", market: .spot))
        let need = AccountJudgement.Need(quota: quota, region: "us-east-1", machines: [4, 4])
        #expect(AccountJudgement.quota(need, .success(0)).verdict == .problem)
        #expect(AccountJudgement.quota(need, .success(4)).verdict == .warning)
        #expect(AccountJudgement.quota(need, .success(8)).verdict == .ok)
        #expect(
            AccountJudgement.quota(need, .failure(Unanswered("denied"))).verdict == .unchecked)
    }

    @Test("a bucket → a write that is not refused twice is a problem, as is another region")
    func bucket() {
        var facts = BucketFacts(
            home: .success("us-east-1"), reading: .success(()), writing: .success(true),
            isPrivate: .failure(Unanswered("denied")), expiresUploads: .success(false))
        let verdicts = facts.findings("b", region: "us-east-1").map(\.verdict)
        #expect(verdicts == [.ok, .ok, .ok, .unchecked, .warning])
        #expect(facts.findings("b", region: "eu-west-1").map(\.verdict) == [.problem])
        facts.writing = .success(false)
        #expect(facts.findings("b", region: "us-east-1").contains { $0.verdict == .problem })
    }

    @Test("an agent of another machine's kind, or none → a problem")
    func agent() {
        var head: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1] + [UInt8](repeating: 0, count: 14)
        head[18] = 0x3E
        #expect(AccountJudgement.agent(head, at: "a").verdict == .ok)
        head[18] = 0xB7
        #expect(AccountJudgement.agent(head, at: "a").verdict == .problem)
        #expect(AccountJudgement.agent(Array("#!/bin/sh".utf8), at: "a").verdict == .problem)
        #expect(AccountJudgement.agent(nil, at: "a").verdict == .problem)
    }

    @Test("a message that STS decoded → the permission that is missing")
    func missing() throws {
        let text =
            #"{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"#
            + #""context":{"principal":{"id":"A"},"action":"iam:PassRole","#
            + #""resource":"arn:aws:iam::1:role/r","conditions":{"items":[]}}}"#
        let missing = try #require(MissingPermission(decoded: text))
        #expect("\(missing)" == "iam:PassRole on arn:aws:iam::1:role/r is allowed by no policy")
        #expect(MissingPermission(decoded: "no") == nil)
    }

    @Test("init aws twice, then doctor, on a server that others wrote → ready but for the account")
    func againstMoto() async throws {
        let place = try Place()
        let server = try ToolProcess(
            [TestPython.interpreter, TestPython.script("moto_server.py")],
            environment: TestPython.environment)
        // It takes seconds to say its port: not on a thread that every test shares.
        let line: String? = await withCheckedContinuation { done in
            DispatchQueue.global().async { done.resume(returning: server.line()) }
        }
        let port = try #require(line)
        let environment = [
            "HOME": place.directory.path, "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SECRET",
            "AWS_REGION": "us-east-1", "HOLDFAST_PROVIDER": "ec2",
        ]
        func reconcile(_ arguments: String...) async -> Invocation {
            await Invocation.run(
                arguments, environment: environment, directory: place.repository)
        }
        let setup = ["init", "aws", "--bucket", "s3://acme-holdfast/research", "--create-bucket"]
        let first = await Invocation.run(
            setup, environment: environment, directory: place.repository)
        #expect(first.exit == .success, "\(first.errors)")
        #expect(first.output.contains("acme-holdfast is made."))
        place.directory.write("repository/aws/controller.json", "mine")
        let second = await Invocation.run(
            setup, environment: environment, directory: place.repository)
        #expect(second.output.contains("was there, left as it is"))
        #expect(second.output.contains("acme-holdfast was there already."))
        #expect(place.directory.text("repository/aws/controller.json") == "mine")
        try place.commit("hello.yaml", "name: hello\nprofile: elsewhere\nrun: echo\n")
        let doctor = await reconcile("doctor")
        #expect(doctor.exit == .error)
        for line in [
            "it can be written, and refuses to overwrite what is there",
            "public access is blocked", "uploads that nobody finishes are removed",
            "with the name `elsewhere`", "reconcile-agent: no such file",
        ] {
            #expect(doctor.output.contains(line), "\(line) in \(doctor.output)")
        }
    }

    @Test("a file of prices with a wrong line → its place is named")
    func prices() async throws {
        let place = try Place()
        try place.commit("hello.yaml", "name: hello\nrun: echo\n")
        place.directory.write("prices", "us-east-1 g5.xlarge 1.006\n\nus-east-1 g5.xlarge\n")
        let run = await place.reconcile(
            "plan", "--provider", "ec2", "--prices", place.directory("prices"))
        #expect(run.exit == .error)
        #expect(run.errors.contains("/prices:3: expected a region"), "\(run.errors)")
    }
}
