import Processes
import TestSupport
import Testing
import Training

/// What a person does to a machine in EC2's console, past the manifests.
@Suite("A person at the console", .timeLimit(.minutes(30)))
struct ConsoleTests {
    /// A machine that trains and has committed, and what the console does to it.
    private func open(
        _ body: @Sendable (Workshop, _ act: @Sendable (String) throws -> Void) async throws -> Void
    ) async throws {
        try await Workshop.open(on: .cloud) { shop in
            let double = try #require((shop.ground as? CloudGround)?.double)
            // Time for a shutdown on a busy machine.
            try double.control(
                "POST", "regions/us-east-1/rules", #"{"shutdown":[60000,60000]}"#)
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.untilCommitted(2)
            let machine = try #require(try shop.living().first)
            try await body(shop) { try double.control("POST", "instances/\(machine.id)/\($0)") }
        }
    }

    @Test(
        "stopped or terminated though it should run → saved, resumed from the newest checkpoint",
        arguments: [("stop", Instance.State.stopped), ("terminate", .terminated)])
    func end(_ row: (act: String, state: Instance.State)) async throws {
        try await open { shop, act in
            let before = try shop.committed()
            try act(row.act)
            try await shop.until("\(row.state)") {
                try shop.machines().map(\.status?.state) == [row.state]
            }
            #expect(shop.trainers().isEmpty)
            // The system's shutdown is a drain, too.
            #expect(try shop.index()?.report(of: 1)?.released == true)
            let newest = try #require(try shop.index()?.checkpoints.last?.id)

            try await shop.pass()
            try await shop.until("it trains again") { shop.trainers().count == 1 }
            try await shop.untilTraining(attempt: 2)
            #expect(try shop.index()?.report(of: 2)?.startedFrom == newest)
            let starts = try await shop.expectContinuity()
            #expect(starts.count == 2 && starts[1] > 0)
            // What can be started again is not replaced.
            let machines = try shop.machines().filter(\.isLiving)
            #expect(machines.map(\.status?.boot) == [row.state == .stopped ? 2 : 1])
            try await shop.expectSound(since: before, living: 1)
        }
    }

    @Test("started though it should be stopped → nothing trains, and it is stopped again")
    func start() async throws {
        try await open { shop, act in
            try await shop.declare(TrainingManifest(lines: ["state: stopped"]))
            try await shop.pass()
            #expect(try shop.machines().map(\.status?.state) == [.stopped])
            let before = try shop.committed()
            let seen = shop.watch.seen.count

            try act("start")
            try await shop.until("it is up") {
                try shop.machines().map(\.status?.state) == [.running]
            }
            try await shop.pass()
            #expect(try shop.machines().map(\.status?.state) == [.stopped])
            #expect(shop.watch.seen.count == seen)
            try await shop.expectSound(since: before, living: 0)
        }
    }
}
