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

    @Test(
        "a machine is invisible for five minutes after its launch → no second one, then it is seen")
    func invisible() async throws {
        try await open { shop, double in
            try double.control(
                "POST", "regions/us-east-1/rules", #"{"visibility":[300000,300000]}"#)
            let unseen = "the provider does not list the machine"
            try await once(shop)
            for minutes in [0, 2, 2] {
                try double.advance(minutes: minutes)
                let outcome = try await once(shop)
                #expect(outcome.output.contains(unseen), "\(outcome.all)")
                #expect(try double.machines().count == 1)
            }
            try double.advance(minutes: 2)
            let seen = try await once(shop)
            #expect(seen.output.contains("No changes.") && !seen.output.contains(unseen))
            #expect(try shop.ledger()?.attempts.map(\.launches.count) == [1])
            try await shop.expectSound(living: 1)
        }
    }

    @Test("a quota is full → it says so and waits; the quota rises → launched")
    func quota() async throws {
        try await open { shop, double in
            let set = { (limit: String) in
                _ = try double.control(
                    "POST", "regions/us-east-1/quota",
                    #"{"market":"spot","family":"Standard"\#(limit)}"#)
            }
            try set(#","vcpus":0"#)
            let held = try await once(shop, expecting: nil)
            #expect(try shop.ledger()?.attempts.last?.launches.last?.refusal?.kind == .quota)
            #expect(
                held.all.contains("quota allows no more (spot m6i in us-east-1)"), "\(held.all)")
            #expect(held.all.contains("the next try is at"), "\(held.all)")
            // One refusal is enough: the other zones share the quota, and it is left alone.
            try await once(shop, expecting: nil)
            #expect(try double.calls().count { $0.operation == "RunInstances" } == 1)
            #expect(try double.machines().isEmpty)

            try set("")
            try double.advance(minutes: 11)
            try await once(shop)
            #expect(try double.machines().count == 1)
            #expect(try shop.ledger()?.attempts.count == 1)
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "EC2 throttles all, and again amid a launch → nothing blind, then all launched, each once")
    func throttles() async throws {
        let names = (1...8).map { "t\($0)" }
        try await open(names) { shop, double in
            let storm = { (isOn: Bool) in
                _ = try double.control(
                    "POST", "regions/us-east-1/throttle", "{\"exhausted\":\(isOn)}")
            }
            let refused = { (operation: String) in
                try double.calls().count {
                    $0.operation == operation && $0.outcome == "RequestLimitExceeded"
                }
            }
            try storm(true)
            let blind = try await once(shop, expecting: nil)
            #expect(blind.all.contains("the provider throttles"), "\(blind.all)")
            #expect(try refused("DescribeInstances") > 0)
            #expect(try double.machines().isEmpty)

            try storm(false)
            async let pass = once(shop, expecting: nil)
            try await shop.until("a first launch") { try !double.machines().isEmpty }
            try storm(true)
            try await shop.until("launches are throttled") { try refused("RunInstances") > 0 }
            try storm(false)
            _ = try await pass
            for _ in 0..<6 {
                if try double.machines().count == names.count { break }
                try await once(shop, expecting: nil)
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
        // Its only machine is where nobody can look.
        try await open(lines: ["state: stopped"]) { shop, double in
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
            try double.advance(minutes: 10)
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
        _ double: AWSDoubleProcess, _ tags: [String: String], count: Int = 1
    ) throws {
        let list = tags.map { "{'Key':'\($0.key)','Value':'\($0.value)'}" }.joined(separator: ",")
        try python(
            double,
            """
            ec2 = boto3.client('ec2')
            image = ec2.describe_images(Owners=['amazon'])['Images'][0]['ImageId']
            ec2.run_instances(
                ImageId=image, InstanceType='m6i.2xlarge', MinCount=\(count), MaxCount=\(count),
                TagSpecifications=[{'ResourceType': 'instance', 'Tags': [\(list)]}])
            """)
    }

    /// Runs a script of another client of AWS.
    private static func python(_ double: AWSDoubleProcess, _ script: String) throws {
        let result = try ToolProcess.run(
            [TestPython.interpreter, "-c", "import boto3\n" + script],
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

    @Test("the bucket is away in a pass → an error, nothing launched or ended; then it goes on")
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

    @Test(
        "nothing to do → a page for each 1,000 machines and 1,000 keys, and nothing else",
        arguments: [(count: 0, pages: 1), (count: 1_001, pages: 2)])
    func idle(_ row: (count: Int, pages: Int)) async throws {
        try await open(lines: ["state: stopped"]) { shop, double in
            try await once(shop)
            if row.count > 0 { try Self.crowd(double, row.count) }
            try double.clearCalls()
            let output = shop.folder("idle.log")
            let child = try await shop.start(
                [Workshop.programs + "/reconcile", "--interval", "1s", "--repo", shop.repository]
                    + shop.ground.flags, output: output, errors: output)
            try await shop.until("five passes") {
                try double.calls().count { $0.operation == "DescribeInstances" } >= 5 * row.pages
            }
            _ = child.signal(SIGTERM)
            _ = await child.wait(within: .seconds(60))
            let calls = try double.calls().map(\.operation)
            // A pass begins with its look at machines. The first one of a process reads what it
            // does not know yet, and the last one may be cut off.
            let starts = calls.indices.filter {
                calls[$0] == "DescribeInstances" && ($0 == 0 || calls[$0 - 1] != calls[$0])
            }
            try #require(starts.count >= 3, "\(shop.folder.text("idle.log") ?? "")")
            let passes = starts.count - 2
            let counts = Dictionary(grouping: calls[starts[1]..<starts[passes + 1]]) { $0 }
                .mapValues(\.count)
            // scope.json, ledgers, index, and the pages of heartbeats.
            #expect(
                counts == [
                    "DescribeInstances": row.pages * passes,
                    "ListObjectsV2": (3 + row.pages) * passes,
                ])
        }
    }

    /// So many machines of the scope that are not ours, and so many heartbeats of runs long gone.
    private static func crowd(_ double: AWSDoubleProcess, _ count: Int) throws {
        // Not beyond what EC2 launches at once.
        for part in [count / 2, count - count / 2] {
            try launchByHand(double, [Tag.scope: "test"], count: part)
        }
        try python(
            double,
            """
            from concurrent.futures import ThreadPoolExecutor
            s3 = boto3.client('s3')
            def put(number):
                s3.put_object(
                    Bucket='\(CloudGround.bucket)', Body=b'{}',
                    Key=f'\(CloudGround.prefix)/heartbeats/gone/{number}-0')
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(put, range(1, \(count) + 1)))
            """)
    }
}
