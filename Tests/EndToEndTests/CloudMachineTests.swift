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
            try double.control("POST", "clock", #"{"milliseconds":240000}"#)
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
            try double.control("POST", "clock", #"{"milliseconds":960000}"#)
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
}
