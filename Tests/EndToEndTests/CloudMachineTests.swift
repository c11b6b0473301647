import Glibc
import Processes
import TestSupport
import Testing
import Training

/// What befalls machines of a real cloud, seen on machines that really boot.
@Suite("A machine on EC2", .timeLimit(.minutes(30)))
struct CloudMachineTests {
    private func open(
        _ names: [String] = ["a"],
        _ body: @Sendable (Workshop, AWSDoubleProcess) async throws -> Void
    ) async throws {
        try await Workshop.open(on: .cloud) { shop in
            let double = try #require((shop.ground as? CloudGround)?.double)
            for name in names { try await shop.declare(TrainingManifest(name: name)) }
            try await body(shop, double)
        }
    }

    @Test("the metadata service refuses → not healthy, with the reason; the training goes on")
    func blind() async throws {
        try await open { shop, double in
            try await shop.pass()
            try await shop.untilCommitted(1)
            let machine = try #require(try shop.living().first)
            try double.control(
                "POST", "instances/\(machine.id)/metadata", #"{"enabled":false}"#)
            for _ in 0..<30 {
                let status = try await shop.reconcile("status")
                if status.output.contains("MetadataUnseen") {
                    #expect(shop.trainers().count == 1)
                    let explained = try await shop.reconcile("explain", "a")
                    #expect(
                        explained.output.contains("metadata is turned off"), "\(explained.output)")
                    return
                }
                try await Task.sleep(for: .seconds(2))
            }
            Issue.record("status never said that notices cannot be seen")
        }
    }

    @Test("no machine may write, but all can be read → silence of all is no death of any")
    func writesDenied() async throws {
        try await open(["a", "b"]) { shop, double in
            try await shop.pass()
            for name in ["a", "b"] { try await shop.untilCommitted(1, name) }
            try double.fault(
                #"{"name":"w","operation":"PutObject","resource":"holdfast-test/scopes/test/*","#
                    + #""effect":"refuse","status":403,"code":"AccessDenied","message":"no"}"#)
            // The double's clock, by which all silence is measured.
            try double.advance(minutes: 4)
            let planned = try await shop.reconcile("plan")
            #expect(planned.output.contains("silent at once"), "\(planned.all)")
            try await shop.reconcile("--once")
            #expect(try double.machines().map(\.state) == ["running", "running"])
            #expect(shop.trainers("a").count == 1 && shop.trainers("b").count == 1)
        }
    }

    @Test("a machine comes up and its agent never does → its console in explain, another attempt")
    func neverClaimed() async throws {
        try await open { shop, double in
            try double.fault(
                #"{"name":"g","operation":"GetObject","resource":"*/agents/*","#
                    + #""effect":"refuse","status":403,"code":"AccessDenied","message":"no"}"#)
            try await shop.reconcile("--once")
            let first = try #require(try shop.living().first)
            try await shop.until("its bootstrap complains") {
                let console = (shop.ground as? CloudGround)?.console(of: first) ?? ""
                return console.contains("holdfast:")
            }
            try double.control("DELETE", "faults")
            try double.advance(minutes: 16)
            try await shop.reconcile("--once")
            let explained = try await shop.reconcile("explain", "a")
            #expect(explained.output.contains("console"), "\(explained.output)")
            #expect(explained.output.contains("holdfast:"), "\(explained.output)")
            try await shop.until("it is terminated") {
                try shop.machines().first { $0.id == first.id }?.isLiving != true
            }
            // The new machine's clock is sixteen minutes behind its world: it never starts here.
            try await shop.reconcile("--once")
            #expect(try shop.ledger()?.attempts.count == 2)
            #expect(try shop.living().count == 1)
        }
    }

    @Test("the agent is killed on its machine → systemd starts it again, nothing is lost")
    func agentKilled() async throws {
        try await open { shop, _ in
            try await shop.pass()
            try await shop.untilCommitted(2)
            let before = try shop.committed()
            let agent = try #require(
                ProcessTable.processes(of: shop.ground.mark).first {
                    $0.arguments.first?.hasSuffix("reconcile-agent") == true
                        && $0.arguments.contains("run")
                })
            let trainer = shop.trainers().map(\.identity)
            #expect(agent.identity.signal(SIGKILL))
            try await shop.until("another trainer") {
                let now = shop.trainers().map(\.identity)
                return now.count == 1 && now != trainer
            }
            try await shop.untilCommitted(before.count / 2 + 2)
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test("the bucket is away for 20 s → the trainer goes on, commits wait, nothing is lost")
    func bucketAway() async throws {
        try await open { shop, double in
            try await shop.pass()
            try await shop.untilCommitted(2)
            let trainer = shop.trainers().map(\.identity)
            try double.fault(
                #"{"name":"s","service":"s3","effect":"refuse","status":503,"#
                    + #""code":"ServiceUnavailable","message":"away"}"#)
            let before = try shop.committed()
            let first = try await Self.newestStep(shop)
            try await Task.sleep(for: .seconds(20))
            let outcome = try await shop.reconcile("--once")
            #expect(outcome.code == 1, "\(outcome.all)")
            let last = try await Self.newestStep(shop)
            // A step takes 20 ms where nothing else wants the processor.
            #expect(last > first + 100, "\(first) to \(last)")
            #expect(try shop.committed() == before)
            #expect(try double.machines().map(\.state) == ["running"])
            try double.control("DELETE", "faults")

            try await shop.untilCommitted(before.count / 2 + 1)
            let newest = try #require(try shop.index()?.checkpoints.last?.id)
            let manifest = try #require(try shop.manifest("a", newest))
            #expect(try #require(try shop.savedStep(manifest)) >= last)
            #expect(shop.trainers().map(\.identity) == trainer)
            let next = try await shop.reconcile("--once")
            #expect(next.output.contains("No changes."), "\(next.all)")
            try await shop.expectSound(since: before, living: 1)
        }
    }

    /// Of what the trainer has saved on its machine.
    private static func newestStep(_ shop: Workshop) async throws -> Int {
        let machine = try #require(try shop.living().first)
        let found = try await shop.shell(
            "find '\(shop.ground.disk(of: machine))' -name 'step-*.json' "
                + "| sed 's/.*step-//; s/[.]json//' | sort -n | tail -n 1")
        return try #require(Int(found))
    }

    @Test("a launch that was given up succeeds late → its machine never trains, and ends")
    func lateAnswer() async throws {
        try await open { shop, double in
            let rules = { (span: Int) in
                _ = try double.control(
                    "POST", "regions/us-east-1/rules",
                    "{\"boot\":[\(span),\(span)],\"visibility\":[\(span),\(span)]}")
            }
            // Eight minutes, where EC2 promises five.
            try rules(480_000)
            try double.fault(
                #"{"name":"l","operation":"RunInstances","nth":1,"effect":"loseReply"}"#)
            try double.fault(
                #"{"name":"r","operation":"RunInstances","effect":"refuse","status":500,"#
                    + #""code":"InsufficientInstanceCapacity","message":"dry"}"#)
            // The answer is lost; the same bytes are refused, which proves nothing yet.
            try await shop.reconcile("--once")
            let first = try #require(try shop.ledger()?.attempts.last?.launches)
            #expect(first.count == 1 && first.last?.refusal?.kind == .capacity)
            #expect(first.last?.isClosed == false)
            let late = try #require(try shop.machines().first)
            try double.control("DELETE", "faults")
            try rules(50)

            // Five minutes of empty lists and a refusal give the launch up.
            try double.advance(minutes: 6)
            try await shop.pass()
            let launches = try #require(try shop.ledger()?.attempts.last?.launches)
            #expect(launches.count == 2 && launches.first?.isClosed == true)
            try await shop.untilCommitted(1)
            let before = try shop.committed()
            let trainer = shop.trainers().map(\.identity)

            try double.advance(minutes: 3)
            try await shop.until("the late machine boots") {
                try shop.machines().first { $0.id == late.id }?.status?.boot == 1
            }
            try await shop.pass()
            try await shop.until("the late machine ends") {
                try shop.machines().first { $0.id == late.id }?.isLiving == false
            }
            #expect(shop.trainers().map(\.identity) == trainer)
            #expect(shop.watch.seen.map(\.identity) == trainer)
            try await shop.expectSound(since: before, living: 1)
        }
    }
}
