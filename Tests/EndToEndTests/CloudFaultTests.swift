import Glibc
import Processes
import TestSupport
import Testing
import Training

/// What a real cloud does to a control plane: `reconcile` alone, on machines that never boot.
@Suite("AWS misbehaves", .timeLimit(.minutes(30)))
struct CloudFaultTests {
    /// Two spot trainings with profiles in two regions, and a double that runs nothing.
    private func open(
        _ names: [String] = ["a"], lines: [String] = ["resources: {use_spot: true}"],
        _ body: @Sendable (Workshop, AWSDoubleProcess) async throws -> Void
    ) async throws {
        try await Workshop.open(on: .dormant) { shop in
            let double = try #require((shop.ground as? CloudGround)?.double)
            for name in names { try await shop.declare(TrainingManifest(name: name, lines: lines)) }
            try await body(shop, double)
        }
    }

    @discardableResult
    private func once(
        _ shop: Workshop, expecting code: Int32? = 0, more: [String: String] = [:],
        location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> Workshop.Outcome {
        let outcome = try await shop.reconcile("--once", more: more)
        if let code {
            #expect(outcome.code == code, "\(outcome.all)", sourceLocation: location)
        }
        return outcome
    }

    @Test("two pools are dry, once as 400 and once as 500 → the third pool, one attempt")
    func capacity() async throws {
        for status in [400, 500] {
            try await open { shop, double in
                try double.control(
                    "POST", "regions/us-east-1/rules", "{\"capacityStatus\":\(status)}")
                for zone in ["a", "b"] {
                    try double.control(
                        "POST", "regions/us-east-1/capacity",
                        """
                        {"type":"m6i.2xlarge","market":"spot","zone":"us-east-1\(zone)","slots":0}
                        """)
                }
                try await once(shop)
                let launches = try #require(try shop.ledger()?.attempts.last?.launches)
                #expect(try shop.ledger()?.attempts.count == 1)
                #expect(try double.machines().map(\.zone) == ["us-east-1c"])
                #expect(launches.dropLast().allSatisfy { $0.refusal?.kind == .capacity })
                try await shop.expectSound(living: 1)
            }
        }
    }

    @Test("the answer to RunInstances is lost → the same bytes again, one machine")
    func lostReply() async throws {
        try await open { shop, double in
            try double.fault(
                #"{"name":"l","operation":"RunInstances","nth":1,"effect":"loseReply"}"#)
            try await once(shop, expecting: nil)
            try await once(shop)
            #expect(try double.machines().count == 1)
            #expect(try shop.ledger()?.attempts.last?.launches.count == 1)
            try await shop.expectSound(living: 1)
        }
    }

    @Test("a machine is invisible for minutes after its launch → no second one")
    func invisible() async throws {
        try await open { shop, double in
            try double.control(
                "POST", "regions/us-east-1/rules", #"{"visibility":[300000,300000]}"#)
            for _ in 0..<3 { try await once(shop, expecting: nil) }
            #expect(try double.machines().count == 1)
            #expect(try shop.ledger()?.attempts.count == 1)
        }
    }

    @Test("a quota is full → it says so and waits; the quota rises → launched")
    func quota() async throws {
        try await open { shop, double in
            try double.control(
                "POST", "regions/us-east-1/quota",
                #"{"market":"spot","family":"Standard","vcpus":0}"#)
            let held = try await once(shop, expecting: nil)
            #expect(try double.machines().isEmpty)
            #expect(try shop.ledger()?.attempts.last?.launches.last?.refusal?.kind == .quota)
            #expect(held.all.contains("the next try is at"), "\(held.all)")
            // One refusal is enough: the other zones share the quota.
            #expect(try shop.ledger()?.attempts.last?.launches.count == 1)
        }
    }

    @Test("EC2 throttles for a while → slower, but all are launched, each once")
    func throttles() async throws {
        let names = (1...8).map { "t\($0)" }
        try await open(names) { shop, double in
            try double.control("POST", "regions/us-east-1/drain-throttle")
            for _ in 0..<6 {
                try await once(shop, expecting: nil)
                if try double.machines().count == names.count { break }
            }
            #expect(try double.machines().count == names.count)
            for name in names { try await shop.expectSound(name, living: 1) }
        }
    }

    @Test("one of two regions is down → its run waits, the other one is launched")
    func region() async throws {
        try await open { shop, double in
            try await shop.commit([
                "manifests/west.yaml": "kind: profile\nname: west\nregion: us-west-2\n",
                "manifests/b.yaml": TrainingManifest(
                    name: "b", lines: ["resources: {use_spot: true}", "profile: west"]
                ).yaml,
            ])
            try double.fault(
                #"{"name":"o","region":"us-west-2","effect":"unreachable"}"#)
            let outcome = try await once(shop, expecting: nil)
            #expect(try double.machines().map(\.region) == ["us-east-1"], "\(outcome.all)")
            try double.control("DELETE", "faults")
            try await once(shop)
            #expect(try double.machines().map(\.region).sorted() == ["us-east-1", "us-west-2"])
        }
    }

    @Test("teardown while a region is down → exit 4 with its name, no data deleted; then all goes")
    func teardownInTheDark() async throws {
        try await open { shop, double in
            try await shop.commit([
                "manifests/west.yaml": "kind: profile\nname: west\nregion: us-west-2\n",
                "manifests/b.yaml": TrainingManifest(
                    name: "b", lines: ["resources: {use_spot: true}", "profile: west"]
                ).yaml,
            ])
            try await once(shop)
            try double.fault(
                #"{"name":"o","region":"us-west-2","service":"ec2","effect":"unreachable"}"#)
            let dark = try await shop.reconcile(
                "teardown", "test", "--wait", "5s", "--delete-data")
            #expect(dark.code == 4, "\(dark.all)")
            #expect(dark.output.contains("us-west-2 could not be read"), "\(dark.all)")
            #expect(dark.output.contains("No data was deleted"), "\(dark.all)")
            #expect(try shop.ledger("b") != nil && shop.scope() != nil)
            #expect(
                try double.machines().filter { $0.region == "us-west-2" }.map(\.state)
                    == ["running"])
            try double.control("DELETE", "faults")
            // It may be about to train: its machine is asked first, and its time to answer passes.
            let asked = try await shop.reconcile("teardown", "test", "--wait", "1s")
            #expect(asked.code == 4 && asked.output.contains("b: draining"), "\(asked.all)")
            try double.control("POST", "clock", #"{"milliseconds":600000}"#)
            let light = try await shop.reconcile(
                "teardown", "test", "--wait", "30s", "--delete-data")
            #expect(light.code == 0, "\(light.all)")
            #expect(try double.machines().allSatisfy { $0.state == "terminated" })
            #expect(try shop.ground.keys(below: "").isEmpty)
        }
    }

    @Test("a machine launched by hand with all our tags → reported, never touched")
    func copiedTags() async throws {
        try await open { shop, double in
            try await once(shop)
            let own = try #require(try double.machines().first)
            let tags = own.tags.filter { $0.key != "Name" }
            try Self.launchByHand(double, tags)
            try await shop.commit([
                "manifests/a.yaml": nil,
                "manifests/b.yaml": """
                name: b
                run: "true"
                profile: double
                """,
            ])
            let outcome = try await once(shop, expecting: nil)
            #expect(outcome.all.contains("its client token is not in the ledger"))
            let foreign = try #require(
                try double.machines().first { $0.clientToken != own.clientToken })
            #expect(foreign.state == "running" || foreign.state == "pending")
        }
    }

    private static func launchByHand(
        _ double: AWSDoubleProcess, _ tags: [String: String]
    ) throws {
        let list = tags.map { "{'Key':'\($0.key)','Value':'\($0.value)'}" }.joined(separator: ",")
        let script = """
            import boto3
            ec2 = boto3.client('ec2')
            image = ec2.describe_images(Owners=['amazon'])['Images'][0]['ImageId']
            ec2.run_instances(ImageId=image, InstanceType='m6i.2xlarge', MinCount=1, MaxCount=1,
                TagSpecifications=[{'ResourceType': 'instance', 'Tags': [\(list)]}])
            """
        let result = try ToolProcess.run(
            [TestPython.interpreter, "-c", script],
            environment: TestPython.environment.merging(double.environment()) { _, new in new })
        try #require(result.status == 0, "\(result.output)")
    }

    @Test("credentials end in the middle of a pass → an error that says so; then it goes on")
    func expired() async throws {
        try await open(["a", "b"]) { shop, double in
            try double.fault(
                #"{"name":"e","operation":"RunInstances","effect":"refuse","status":400,"#
                    + #""code":"RequestExpired","message":"Request has expired."}"#)
            let outcome = try await once(shop, expecting: 1)
            #expect(outcome.all.contains("RequestExpired"), "\(outcome.all)")
            #expect(try double.machines().isEmpty)
            try double.control("DELETE", "faults")
            try await once(shop)
            #expect(try double.machines().count == 2)
            for name in ["a", "b"] { try await shop.expectSound(name, living: 1) }
        }
    }

    @Test("the bucket is away → an error, nothing is launched or ended; then it goes on")
    func bucket() async throws {
        try await open { shop, double in
            try await once(shop)
            try double.fault(
                "{\"name\":\"s\",\"service\":\"s3\",\"effect\":\"refuse\",\"status\":503,"
                    + "\"code\":\"ServiceUnavailable\",\"message\":\"away\"}")
            try await shop.commit(["manifests/a.yaml": nil])
            try await once(shop, expecting: 1)
            #expect(try double.machines().map(\.state) == ["running"])
            try double.control("DELETE", "faults")
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await once(shop)
            try await shop.expectSound(living: 1)
        }
    }

    @Test("two reconcilers with different commits start together → one machine for each intent")
    func race() async throws {
        for _ in 0..<3 {
            try await open { shop, double in
                let clone = shop.folder("older")
                try await shop.shell("git clone -q file://$PWD '\(clone)'")
                try await shop.declare(
                    TrainingManifest(
                        options: "--step-time 0.03", lines: ["resources: {use_spot: true}"]))
                async let new = once(shop, expecting: nil)
                async let old = shop.reconcile("--once", "--repo", clone)
                _ = try await (new, old)
                try await once(shop, expecting: nil)
                let machines = try double.machines().filter { $0.state != "terminated" }
                #expect(Set(machines.map(\.clientToken)).count == machines.count)
                let open = try #require(try shop.ledger()?.openAttempt)
                #expect(open.launches.count == 1)
                #expect(machines.count == 1, "\(machines)")
            }
        }
    }

    @Test("nothing to do → one page of machines, one list for each prefix, and nothing else")
    func idle() async throws {
        try await open(lines: ["state: stopped"]) { shop, double in
            try await once(shop)
            try double.clearCalls()
            let output = shop.folder("idle.log")
            let child = try await shop.start(
                [Workshop.programs + "/reconcile", "--interval", "1s", "--repo", shop.repository]
                    + shop.ground.flags, output: output, errors: output)
            try await shop.until("five passes") {
                try double.calls().count { $0.operation == "DescribeInstances" } >= 5
            }
            _ = child.signal(SIGTERM)
            _ = await child.wait(within: .seconds(60))
            let calls = try double.calls().drop { $0.operation != "DescribeInstances" }
            // The first pass of a process reads what it does not know yet, and the last one may be
            // cut off.
            let later = calls.dropFirst().map(\.operation)
                .drop { $0 != "DescribeInstances" }
            let end = try #require(later.lastIndex(of: "DescribeInstances"))
            let whole = later[..<end]
            let passes = whole.count { $0 == "DescribeInstances" }
            try #require(passes >= 1, "\(shop.folder.text("idle.log") ?? "")")
            let counts = Dictionary(grouping: whole) { $0 }.mapValues(\.count)
            // scope.json, ledgers, index, heartbeats.
            #expect(counts == ["DescribeInstances": passes, "ListObjectsV2": 4 * passes])
        }
    }
}
