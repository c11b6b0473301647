import Simulation
import TestSupport
import Testing
import Training

struct SimulatedStoreTests {
    private static let location = S3Location("s3://state/team")

    private var store: SimulatedStore {
        get throws {
            SimulatedStore(try #require(Self.location), region: "us-east-1")
        }
    }

    private func s3() throws -> SimulatedS3 {
        var s3 = SimulatedS3(seed: 1)
        try s3.createBucket("state", region: "us-east-1")
        return s3
    }

    @Test("any use of the simulated store → the port's promises hold, nothing is left")
    func contract() async throws {
        var cloud = SimulatedCloud(regions: ["us-east-1"], at: Region.start, seed: 1)
        try cloud.s3.createBucket("state", region: "us-east-1")
        let shared = SharedCloud(cloud)
        let contract = ObjectStoreContract(
            SharedStore(cloud: shared, store: try store), files: try TemporaryDirectory(),
            listed: 1003)
        let findings = await contract.findings()
        #expect(findings == [])
        #expect(shared.with { cloud, _ in cloud.s3.buckets["state"]?.keyTexts } == [])
    }

    @Test(
        "a store that breaks any one promise → the contract finds it",
        arguments: FlawedStore.Flaw.allCases)
    func flaws(flaw: FlawedStore.Flaw) async throws {
        var cloud = SimulatedCloud(regions: ["us-east-1"], at: Region.start, seed: 1)
        try cloud.s3.createBucket("state", region: "us-east-1")
        let store = SharedStore(cloud: SharedCloud(cloud), store: try store)
        let contract = ObjectStoreContract(
            FlawedStore(store: store, flaw: flaw), files: try TemporaryDirectory(),
            listed: flaw == .listsOnePage ? 1003 : 7)
        let findings = await contract.findings()
        #expect(!findings.isEmpty)
    }

    @Test("a bucket that disappears, or lies in another region → denied, never nil or empty")
    func noBucket() throws {
        var s3 = try s3()
        let store = try store
        try store.put("k", [1], if: .absent, to: &s3, at: Region.start)
        let elsewhere = SimulatedStore(store.location, region: "eu-west-1")
        for (store, s3) in [(elsewhere, s3), (store, SimulatedS3(seed: 1))] {
            var s3 = s3
            #expect(isDenied { _ = try store.get("k", limit: 9, unless: nil, from: s3) })
            #expect(isDenied { _ = try store.head("k", in: s3) })
            #expect(isDenied { _ = try store.list(prefix: "", limit: 9, in: s3) })
            #expect(isDenied { try store.put("k", [2], if: .always, to: &s3, at: Region.start) })
            #expect(isDenied { try store.delete("k", from: &s3) })
        }
    }

    @Test("its own bytes once more → another time, the same etag")
    func renew() throws {
        var s3 = try s3()
        let store = try store
        let etag = try store.put("k", [1], if: .absent, to: &s3, at: Region.start).etag
        store.renew("k", in: &s3, at: Region.start + 90)
        store.renew("other", in: &s3, at: Region.start + 90)
        let summary = try store.head("k", in: s3)
        #expect(summary?.lastModified == Region.start + 90 && summary?.etag == etag)
        #expect(try store.list(prefix: "", limit: 9, in: s3).count == 1)
    }

    @Test("times between seconds → told in whole seconds, as S3 does")
    func seconds() throws {
        var s3 = try s3()
        let late = Timestamp(milliseconds: Region.start.milliseconds + 999)
        try store.put("k", [1], if: .absent, to: &s3, at: late)
        #expect(try store.head("k", in: s3)?.lastModified == Region.start)
    }

    @Test("keys that differ only in their form of Unicode → two objects")
    func unicode() throws {
        var s3 = try s3()
        let keys = ["\u{e9}", "e\u{301}"]
        for key in keys {
            try store.put(key, Array(key.utf8), if: .absent, to: &s3, at: Region.start)
        }
        let listed = try store.list(prefix: "", limit: 9, in: s3)
        #expect(listed.map { Array($0.key.utf8) } == [Array(keys[1].utf8), Array(keys[0].utf8)])
        #expect(listed.map(\.size) == [3, 2])
    }

    private func isDenied(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            if case StoreFailure.denied = error { return true }
            return false
        }
    }
}
