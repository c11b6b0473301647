import Checkpoints
import TestSupport
import Testing
import Training

struct FencedIndexTests {
    let store = MemoryObjectStore()

    private func life(
        _ attempt: Int, _ nonce: String, on machine: String = "i-1"
    ) throws -> Life {
        try Machine(store, name: machine).boot(attempt: attempt, nonce: nonce)
    }

    private func isFenced(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return false
        } catch FenceFailure.fenced {
            return true
        } catch {
            return false
        }
    }

    @Test("nobody claimed yet → the claim stands, claiming again writes nothing")
    func first() async throws {
        let agent = try life(1, "a")
        #expect(try await agent.index.claim().claim == agent.index.mine)
        await store.clearCalls()
        try await agent.index.claim()
        #expect(await store.calls.filter(\.operation.writes).isEmpty)
    }

    @Test("a greater attempt claims → the older one's every write fails")
    func zombie() async throws {
        let old = try life(1, "a")
        try await old.begin()
        let new = try life(2, "b", on: "i-2")
        try await new.begin()
        let standing = await store.currentIndex()
        #expect(await isFenced { try await old.index.setHead(nil) })
        #expect(await isFenced { _ = try await old.index.read() })
        #expect(await isFenced { try await old.index.claim() })
        #expect(
            await isFenced {
                try await old.index.report(
                    AttemptReport(attempt: 1, phase: .training, since: noon))
            })
        #expect(await store.currentIndex() == standing)
    }

    @Test("the same attempt on another machine → fenced")
    func surplus() async throws {
        try await life(1, "a", on: "i-1").index.claim()
        let surplus = try life(1, "b", on: "i-2")
        #expect(await isFenced { try await surplus.index.claim() })
    }

    @Test("the same attempt on the same machine, booted again → its new life claims")
    func reboot() async throws {
        let old = try life(1, "a")
        try await old.begin()
        let new = try life(1, "b")
        try await new.index.claim()
        #expect(await isFenced { try await old.index.setHead(nil) })
        #expect(await isFenced { try await old.index.claim() })
        try await new.index.setHead(nil)
    }

    @Test("two claims race → the greater attempt holds it, the other one is fenced")
    func race() async throws {
        let old = try life(1, "a")
        let new = try life(2, "b", on: "i-2")
        let gate = Once()
        await store.interpose { call in
            guard call.operation == .put, await gate.first() else { return }
            _ = try? await new.index.claim()
        }
        #expect(await isFenced { try await old.index.claim() })
        #expect(await store.currentIndex()?.claim?.attempt == 2)
    }

    @Test("a lost reply on the claim → recognised by its nonce")
    func lostReply() async throws {
        await store.setFaults { $0.number == 2 ? .lostReply : nil }
        let agent = try life(1, "a")
        #expect(try await agent.index.claim().claim?.nonce == "a")
    }

    @Test("a claim not answered and not read back → asked again it stands")
    func unanswered() async throws {
        await store.setFaults { call in
            switch call.number {
            case 2: .lostReply
            case 3: .refused(.unavailable("down"))
            default: nil
            }
        }
        let agent = try life(1, "a")
        await #expect(throws: FenceFailure.self) { try await agent.index.claim() }
        #expect(try await agent.index.claim().claim?.nonce == "a")
    }

    @Test("two writes of one life at once → both are in the index")
    func concurrent() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        let index = agent.index
        async let head: Void = index.setHead(id(1, 1))
        async let report: Void = index.report(
            AttemptReport(attempt: 1, phase: .training, since: noon))
        _ = try await (head, report)
        let standing = try #require(await store.currentIndex())
        #expect(standing.head?.checkpoint == id(1, 1))
        #expect(standing.report(of: 1)?.phase == .training)
    }

    @Test("a report beyond the bounds → clipped, and readable again")
    func clipped() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        var report = AttemptReport(attempt: 9, phase: .ended, since: noon)
        report.lastLines = (0..<50).map { "\($0)" + String(repeating: "é", count: 9_000) }
        report.detail = String(repeating: "e" + String(repeating: "\u{301}", count: 99), count: 999)
        try await agent.index.report(report)
        let standing = try await agent.index.read()
        #expect(standing.reports.map(\.attempt) == [1])
        #expect(standing.reports[0].lastLines.count == 20)
        #expect(standing.reports[0].lastLines[19].hasPrefix("49"))
    }

    @Test("reports of 60 attempts → the last 50")
    func reportLimit() async throws {
        for attempt in 1...60 {
            let agent = try life(attempt, "\(attempt)")
            try await agent.index.claim()
            try await agent.index.report(
                AttemptReport(attempt: attempt, phase: .ended, since: noon))
        }
        #expect(await store.currentIndex()?.reports.map(\.attempt) == Array(11...60))
    }

    @Test("retired entries → dropped, their children belong to the nearest ancestor that stays")
    func retired() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        for number in 1...5 { try await agent.commit("s\(number)", "\(number)") }
        try await agent.index.drop(retired: [id(1, 2), id(1, 3)])
        let standing = try await agent.index.read()
        #expect(standing.checkpoints.map(\.id) == [id(1, 1), id(1, 4), id(1, 5)])
        #expect(standing.lineage.map(\.id) == [id(1, 5), id(1, 4), id(1, 1)])
    }

    @Test("a retired head → stays, since the lineage stands on it")
    func retiredHead() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        try await agent.index.setHead(id(1, 1))
        try await agent.index.drop(retired: [id(1, 1)])
        #expect(try await agent.index.read().checkpoints.map(\.id) == [id(1, 1)])
    }

    @Test("quarantined twice with one spec → one entry, the first reason")
    func quarantine() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        try await agent.commit("s1", "1")
        for reason in ["bit flip", "other"] {
            try await agent.index.quarantine(
                id(1, 1), digest: specDigest, reason: reason, at: noon)
        }
        let quarantines = try await agent.index.read().checkpoints[0].quarantines
        #expect(quarantines.map(\.reason) == ["bit flip"])
        #expect(quarantines.map(\.attempt) == [1])
    }

    @Test("an index that is never free → contended, after a bounded number of tries")
    func contended() async throws {
        let agent = try life(1, "a")
        try await agent.begin()
        await store.setFaults {
            $0.operation == .put ? .refused(.conditionFailed(key: $0.key)) : nil
        }
        await store.clearCalls()
        await #expect(throws: FenceFailure.contended) {
            try await agent.index.setHead(id(1, 1))
        }
        #expect(await store.calls.count < 40)
    }
}
