import Checkpoints
import Planning
import TestSupport
import Testing
import Training

@testable import Reconciliation

/// What an observer keeps between its looks is a cache: one that has just begun sees the same.
@Suite struct ObserverTests {
    let site = Site()

    private func observer() -> Observer {
        Observer(
            records: RecordStore(site.store, writer: "w"), providers: site.provider,
            context: site.context)
    }

    private func ledger(_ run: RunName, serial: Int) -> [UInt8] {
        var ledger = Ledger(run: run, writer: "w")
        ledger.serial = serial
        return CanonicalJSON.encode(ledger)
    }

    private func expectFresh(
        _ observer: Observer, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let seen = try await observer.observe()
        let fresh = try await self.observer().observe()
        #expect(seen == fresh, sourceLocation: sourceLocation)
    }

    @Test("records come, change, break, heal and go → every look is as a first one")
    func changes() async throws {
        let observer = observer()
        let store = site.store
        let runs = try ["a", "b", "c"].map { try #require(RunName($0)) }
        try await expectFresh(observer)
        for (serial, run) in runs.enumerated() {
            await store.plant(StoreLayout.ledger(run), ledger(run, serial: serial))
            let index = RunIndex(run: run, writer: "w")
            await store.plant(StoreLayout.index(run), CanonicalJSON.encode(index))
            let beat = Heartbeat(instance: InstanceID("i-1"), boot: "b", phase: .working)
            let key = StoreLayout.heartbeat(run, attempt: 1, node: 0)
            await store.plant(key, CanonicalJSON.encode(beat))
            try await expectFresh(observer)
        }
        await store.plant(StoreLayout.ledger(runs[1]), ledger(runs[1], serial: 7))
        try await expectFresh(observer)
        await store.plant(StoreLayout.ledger(runs[1]), Array("{".utf8))
        await store.plant(StoreLayout.index(runs[1]), Array("{".utf8))
        try await expectFresh(observer)
        await store.plant(StoreLayout.ledger(runs[1]), ledger(runs[1], serial: 8))
        try await expectFresh(observer)
        #expect(try await observer.observe().unknownRuns.keys.map(\.text) == ["b"])
        let beat = StoreLayout.heartbeat(runs[2], attempt: 1, node: 0)
        await store.plant(beat, try #require(await store.bytes(beat)))
        try await expectFresh(observer)
        await store.plant(beat, Array("?".utf8))
        try await expectFresh(observer)
        await store.remove(StoreLayout.ledger(runs[0]))
        try await expectFresh(observer)
        await store.remove(StoreLayout.index(runs[0]))
        await store.plant("ledgers/NOT A NAME", [])
        try await expectFresh(observer)
        #expect(try await observer.observe().runs[runs[0]] == nil)
    }

    @Test("nothing changed → no record is read again")
    func idle() async throws {
        let observer = observer()
        let run = try #require(RunName("a"))
        await site.store.plant(StoreLayout.ledger(run), ledger(run, serial: 1))
        _ = try await observer.observe()
        await site.store.clearCalls()
        _ = try await observer.observe()
        #expect(await site.store.calls.allSatisfy { $0.operation != .get })
    }

    @Test("an applied revision is loaded again → its specs are not read a second time")
    func applied() async throws {
        let observer = observer()
        let spec = RunSpec(name: Site.run, run: "true")
        try await RecordStore(site.store, writer: "w").publish(
            encoding: spec, at: spec.reference.key)
        let runs = [
            ScopeRecord.AppliedRun(run: spec.name, spec: spec.reference, sourceTree: nil)
        ]
        let first = try await observer.load(runs)
        await site.store.clearCalls()
        #expect(try await observer.load(runs) == first)
        #expect(first == [DesiredRun(spec: spec)])
        #expect(await site.store.calls.isEmpty)
    }
}
