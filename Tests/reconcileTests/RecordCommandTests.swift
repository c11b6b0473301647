import TestSupport
import Testing
import Training

@testable import reconcile

/// The commands that read or change single records, on a real store.
@Suite struct RecordCommandTests {
    private func seeded() async throws -> Place {
        let place = try Place()
        try place.commit("resnet.yaml", "name: resnet\nrun: \"true\"\n")
        try await place.seed()
        return place
    }

    @Test("checkpoints, events → those of the records; wide shows more")
    func look() async throws {
        let place = try await seeded()
        let checkpoints = await place.reconcile("checkpoints", "resnet", "-o", "wide")
        #expect(checkpoints.exit == .success)
        #expect(checkpoints.output.contains("quarantined: model.bin: its SHA-256 differs"))
        #expect(checkpoints.output.contains("GENERATION"))
        let events = await place.reconcile("events", "-o", "json")
        #expect(events.output.contains("\"kind\" : \"EventList\""))
        #expect(events.output.contains("\"CheckpointQuarantined\""))
    }

    @Test("logs → setup, then the run, in the order of their numbers; one stream when named")
    func logs() async throws {
        let place = try await seeded()
        #expect(
            await place.reconcile("logs", "resnet").output == "installing\nstep 1\nstep 2\n")
        #expect(
            await place.reconcile("logs", "resnet", "--stream", "agent").output == "claimed\n")
        let first = await place.reconcile("logs", "resnet", "--attempt", "1")
        #expect(first.errors.contains("attempt 1 of resnet has no log yet"))
        let none = await place.reconcile("logs", "resnet", "--attempt", "3")
        #expect(none.exit == .error)
        #expect(none.errors.contains("its attempts are 1 to 2"))
    }

    @Test("logs of all attempts → one log through them, each begun by a line on standard error")
    func allLogs() async throws {
        let place = try await seeded()
        try await place.store().put(
            StoreLayout.logChunk(
                Fixtures.run("resnet"), attempt: 1, node: 0, stream: "run", number: 1),
            Array("step 0\n".utf8), if: .absent)
        let all = await place.reconcile("logs", "resnet", "--all-attempts")
        #expect(all.output == "step 0\ninstalling\nstep 1\nstep 2\n")
        #expect(all.errors == "--- attempt 1 ---\n--- attempt 2 ---\n")
        let both = await place.reconcile("logs", "resnet", "--all-attempts", "--attempt", "1")
        #expect(both.exit == .error)
        #expect(both.errors.contains("exclude each other"))
    }

    @Test("history → every attempt, those that have left the ledger first")
    func history() async throws {
        let place = try await seeded()
        var ledger = try #require(try await place.ledger())
        let moved = ledger.attempts.removeFirst()
        try await place.store().put(
            StoreLayout.ledger(ledger.run), CanonicalJSON.encode(ledger), if: .always)
        try await place.store().put(
            StoreLayout.history(ledger.run, attempt: 1), CanonicalJSON.encode(moved), if: .absent)
        let history = await place.reconcile("history", "resnet")
        #expect(history.exit == .success)
        let starts = history.output.split(separator: "\n").filter { $0.hasPrefix("attempt ") }
        #expect(starts == ["attempt 1", "attempt 2"])
        #expect(history.output.contains("interrupted; taken away with a notice"))
        let unknown = await place.reconcile("history", "vgg")
        #expect(unknown.errors.contains("known runs: resnet"))
    }

    @Test("checkpoints --verify, one of them not what it was → told, exit code 1")
    func verify() async throws {
        let place = try await seeded()
        let checked = await place.reconcile("checkpoints", "resnet", "--verify")
        #expect(checked.exit == .error)
        #expect(
            checked.output.contains(
                "0002-00000002 is invalid: its MANIFEST.json does not exist"))
        #expect(checked.errors.contains("reading 0002-00000002"))
        // What is being deleted is not read.
        #expect(!checked.errors.contains("reading 0001-00000001"))
    }

    @Test("resume of a run whose attempt is open → refused; of a closed one → in its ledger")
    func resume() async throws {
        let place = try await seeded()
        let open = await place.reconcile("resume", "resnet")
        #expect(open.exit == .error)
        #expect(open.errors.contains("attempt 2 of resnet is still open"))
        #expect(try await place.ledger()?.operatorResume?.at == nil)

        var ledger = try #require(try await place.ledger())
        ledger.attempts[1].closure = Closure(
            evidence: .released, outcome: .failed, at: Fixtures.noon + 1000, progressed: false,
            detail: "exit code 1")
        try await place.store().put(
            StoreLayout.ledger(ledger.run), CanonicalJSON.encode(ledger), if: .always)
        let unknown = await place.reconcile("resume", "resnet", "--from", "0009-00000001")
        #expect(unknown.errors.contains("has no checkpoint 0009-00000001"))
        let retired = await place.reconcile("resume", "resnet", "--from", "0001-00000001")
        #expect(retired.errors.contains("is retired"))
        let done = await place.reconcile("resume", "resnet", "--from", "0001-00000002")
        #expect(done.exit == .success)
        let resume = try #require(try await place.ledger()?.operatorResume)
        #expect(resume.afterAttempt == 2)
        #expect(resume.from == Fixtures.id(1, 2))
        let checkpoints = await place.reconcile("checkpoints", "resnet")
        #expect(
            checkpoints.output.split(separator: "\n").contains {
                $0.hasPrefix("0001-00000002") && $0.hasSuffix("next, head")
            })
    }

    @Test("approve without anything blocked → refused")
    func approve() async throws {
        let place = try Place()
        try place.commit("resnet.yaml", "name: resnet\nrun: \"true\"\n")
        let run = await place.reconcile("approve", "0123456789ab")
        #expect(run.exit == .error)
        #expect(run.errors.contains("nothing to approve"))
    }

    @Test("an approval → bound to plan and revision, for an hour; older ones of it replaced")
    func approval() {
        var scope = Fixtures.scope
        scope.approve("p1", at: Fixtures.revision, now: Fixtures.noon)
        scope.approve("p2", at: Fixtures.revision, now: Fixtures.noon + 60)
        scope.approve("p1", at: Fixtures.revision, now: Fixtures.noon + 120)
        #expect(scope.approvals.map(\.plan) == ["p2", "p1"])
        #expect(scope.approvals.last?.expires == Fixtures.noon + 3720)
        scope.approve("p3", at: Fixtures.revision, now: Fixtures.noon + 9000)
        #expect(scope.approvals.map(\.plan) == ["p3"])
    }

    @Test("an unknown run, or no state at all → exit 1 and what there is")
    func unknown() async throws {
        let place = try await seeded()
        let run = await place.reconcile("events", "nobody")
        #expect(run.exit == .error)
        #expect(run.errors.contains("known runs: resnet"))
        let fresh = try Place()
        let none = await fresh.reconcile("checkpoints", "resnet")
        #expect(none.exit == .error)
        #expect(none.errors.contains("nothing was reconciled here yet"))
        #expect(!fresh.directory.exists("state"))
    }
}
