import TestSupport
import Testing
import Training
import Transport

@testable import AWS

struct EC2MachineTests {
    private let id = InstanceID("i-1")

    @Test("three pages, one of them empty → all machines, ended ones with why and since when")
    func list() async throws {
        let scene = try await EC2Scene()
        try await scene.answer(
            "DescribeInstances",
            EC2Scene.reservations(EC2Scene.machine("i-1", 272)) + "<nextToken>p2</nextToken>")
        try await scene.answer(
            "DescribeInstances", "<reservationSet/><nextToken>p3+/=</nextToken>")
        let ended = EC2Scene.machine(
            "i-2", 48, "terminated",
            more: "<reason>Server.SpotInstanceTermination (2026-11-21 12:30:00 GMT)</reason>"
                + "<stateReason><code>Server.SpotInstanceTermination</code></stateReason>"
                + "<instanceLifecycle>spot</instanceLifecycle>"
                + "<tagSet><item><key>a</key><value>&lt;b&gt;</value></item>"
                + "<item><key>empty</key><value/></item></tagSet>")
        try await scene.answer(
            "DescribeInstances",
            "<reservationSet>"
                + EC2Scene.reservation([EC2Scene.machine("i-3", 64, "stopping"), ended])
                + "</reservationSet>")
        let found = try await scene.provider.describe(scope: "team*a")
        #expect(found.map(\.id.text) == ["i-1", "i-3", "i-2"])
        #expect(found.map(\.state) == [.running, .stopping, .terminated])
        let last = try #require(found.last)
        #expect(last.stateReason == "Server.SpotInstanceTermination")
        #expect(last.stateSince == Timestamp("2026-11-21T12:30:00Z"))
        #expect(last.market == .spot && found[0].market == .onDemand)
        #expect(last.tags == ["a": "<b>", "empty": ""])
        let calls = try await scene.calls("DescribeInstances")
        #expect(
            calls.first == #"{"Filters": [{"Name": "tag:holdfast:scope", "#
                + #""Values": ["team\\*a"]}], "MaxResults": 1000}"#)
        #expect(calls.count == 3 && calls.last?.contains(#""NextToken": "p3+/=""#) == true)
    }

    @Test("a later page that fails, has an unknown state or points to itself → no list at all")
    func partial() async throws {
        let scene = try await EC2Scene()
        let first = EC2Scene.reservations(EC2Scene.machine("i-1")) + "<nextToken>p2</nextToken>"
        let list = { () async -> ProviderFailure? in
            await failure { () async throws(ProviderFailure) in
                _ = try await scene.provider.describe(scope: "s")
            }
        }
        try await scene.answer("DescribeInstances", first)
        try await scene.refuse("DescribeInstances", "UnauthorizedOperation", status: 403)
        #expect(await list()?.isDenied == true)
        try await scene.answer("DescribeInstances", first)
        try await scene.answer(
            "DescribeInstances", EC2Scene.reservations(EC2Scene.machine("i-2", 7)))
        #expect(await list()?.isUnavailable == true)
        for _ in 0..<2 { try await scene.answer("DescribeInstances", first) }
        #expect(await list()?.isUnavailable == true)
    }

    @Test("looks at several machines at once → one call; the unknown one is nil")
    func looks() async throws {
        let scene = try await EC2Scene(clock: PatientClock())
        try await scene.answer(
            "DescribeInstances",
            EC2Scene.reservations(EC2Scene.machine("i-1"), EC2Scene.machine("i-2")))
        let provider = scene.provider
        async let first = provider.describe(instance: InstanceID("i-1"))
        async let second = provider.describe(instance: InstanceID("i-2"))
        async let third = provider.describe(instance: InstanceID("i-3"))
        async let again = provider.describe(instance: InstanceID("i-1"))
        let found = try await [first, second, third, again]
        #expect(found.map { $0?.id.text } == ["i-1", "i-2", nil, "i-1"])
        #expect(
            try await scene.calls("DescribeInstances") == [
                #"{"Filters": [{"Name": "instance-id", "Values": ["i-1", "i-2", "i-3"]}], "#
                    + #""MaxResults": 1000}"#
            ])
    }

    @Test("one of four cannot be ended → the others are, and only it fails")
    func protected() async throws {
        let scene = try await EC2Scene(clock: PatientClock())
        // All four, then the first half, then the first one alone.
        try await scene.refuse("TerminateInstances", "OperationNotPermitted", times: 3)
        let provider = scene.provider
        let failures = await withTaskGroup { group in
            for name in ["i-1", "i-2", "i-3", "i-4"] {
                group.addTask {
                    let why = await failure { () async throws(ProviderFailure) in
                        try await provider.terminate(InstanceID(name))
                    }
                    return why == nil ? "" : name
                }
            }
            return await group.reduce(into: [String]()) { if !$1.isEmpty { $0.append($1) } }
        }
        #expect(failures == ["i-1"])
        #expect(
            try await scene.calls("TerminateInstances").map { call in
                call.split(separator: "\"").filter { $0.hasPrefix("i-") }.joined(separator: " ")
            } == ["i-1 i-2 i-3 i-4", "i-1 i-2", "i-1", "i-2", "i-3 i-4"])
    }

    @Test("throttled to the end → throttled, and no more than three calls")
    func throttled() async throws {
        let scene = try await EC2Scene()
        try await scene.refuse("TerminateInstances", "RequestLimitExceeded", status: 503, times: 9)
        let why = await failure { () async throws(ProviderFailure) in
            try await scene.provider.terminate(id)
        }
        #expect(why == .throttled)
        #expect(try await scene.calls("TerminateInstances").count == 3)
    }

    @Test("stop, start and tags → their calls; states that forbid them → for now, or for good")
    func orders() async throws {
        let scene = try await EC2Scene()
        try await scene.provider.stop(id)
        try await scene.provider.start(id)
        try await scene.provider.tag(id, ["b": "2", "a": ""])
        #expect(try await scene.calls("StopInstances") == [#"{"InstanceIds": ["i-1"]}"#])
        #expect(try await scene.calls("StartInstances") == [#"{"InstanceIds": ["i-1"]}"#])
        #expect(
            try await scene.calls("CreateTags") == [
                #"{"Resources": ["i-1"], "#
                    + #""Tags": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "2"}]}"#
            ])
        let start = { () async -> ProviderFailure? in
            await failure { () async throws(ProviderFailure) in try await scene.provider.start(id) }
        }
        try await scene.refuse("StartInstances", "InsufficientInstanceCapacity", status: 500)
        guard case .noCapacity(let dry)? = await start() else {
            Issue.record("not known as a dry pool")
            return
        }
        #expect(dry.contains("InsufficientInstanceCapacity"))
        try await scene.refuse("StartInstances", "VcpuLimitExceeded")
        guard case .quota? = await start() else {
            Issue.record("not known as a quota")
            return
        }
        try await scene.refuse("StartInstances", "IncorrectInstanceState")
        try await scene.answer(
            "DescribeInstances", EC2Scene.reservations(EC2Scene.machine("i-1", 64, "stopping")))
        #expect(await start()?.isUnavailable == true)
        try await scene.refuse("StartInstances", "IncorrectInstanceState")
        try await scene.answer(
            "DescribeInstances", EC2Scene.reservations(EC2Scene.machine("i-1", 48, "terminated")))
        #expect(await start()?.isUnsupported == true)
        try await scene.refuse("StopInstances", "UnsupportedOperation", "a one-time Spot request")
        let stop = await failure { () async throws(ProviderFailure) in
            try await scene.provider.stop(id)
        }
        #expect(stop?.isUnsupported == true)
    }

    @Test("a console → its end; one that has no live view → as after the boot; none → nil")
    func console() async throws {
        let scene = try await EC2Scene()
        #expect(try await scene.provider.consoleOutput(of: id) == nil)
        let long = Array(String(repeating: "line\n", count: 20_000).utf8)
        try await scene.refuse("GetConsoleOutput", "UnsupportedOperation")
        try await scene.answer("GetConsoleOutput", "<output>\(Base64.encode(long))</output>")
        let output = try #require(try await scene.provider.consoleOutput(of: id))
        #expect(output == Array(long.suffix(64 << 10)))
        #expect(
            try await scene.calls("GetConsoleOutput").map { $0.contains(#""Latest": true"#) }
                == [true, true, false])
    }

    @Test("dry runs → what would be allowed; spot requests → read and cancelled")
    func permissions() async throws {
        let scene = try await EC2Scene()
        try await scene.refuse("RunInstances", "DryRunOperation", status: 412)
        let request = EC2Scene.request()
        let launch = EC2.RunInstances(request, on: try #require(request.machine))
        try await scene.ec2.rehearse(launch)
        #expect(try await scene.calls("RunInstances").first?.contains(#""DryRun": true"#) == true)
        try await scene.refuse("RunInstances", "UnauthorizedOperation", status: 403)
        do throws(AWSFailure) {
            try await scene.ec2.rehearse(launch)
            Issue.record("not refused")
        } catch {
            guard case .refused(let refusal) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(refusal.code == "UnauthorizedOperation")
        }
        try await scene.answer(
            "DescribeSpotInstanceRequests",
            "<spotInstanceRequestSet><item><spotInstanceRequestId>sir-1</spotInstanceRequestId>"
                + "<state>closed</state><status><code>instance-terminated-no-capacity</code>"
                + "</status><instanceId>i-1</instanceId></item></spotInstanceRequestSet>")
        let found = try await scene.ec2.list(
            EC2.DescribeSpotInstanceRequests([EC2.Filter("instance-id", ["i-1"])]))
        #expect(found.map(\.status) == ["instance-terminated-no-capacity"])
        try await scene.ec2.send(EC2.CancelSpotInstanceRequests(found.map(\.id)))
        #expect(
            try await scene.calls("CancelSpotInstanceRequests")
                == [#"{"SpotInstanceRequestIds": ["sir-1"]}"#])
    }
}
