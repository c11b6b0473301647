import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Local

@Suite struct DirectoryStoreTests {
    private let directory: TemporaryDirectory
    private let store: DirectoryStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try DirectoryStore(path: directory("store"))
    }

    @Test("any use → the port's promises hold, nothing is left")
    func contract() async throws {
        let contract = ObjectStoreContract(
            store, files: directory, except: [.refusesKeysBelowKeys])
        let findings = await contract.findings()
        #expect(findings == [])
        #expect(try FileSystem.list(store.path) == [".holdfast"])
        #expect(try FileSystem.list(store.temporaryPath) == [])
    }

    @Test("the store in memory of the other tests → keeps the same promises")
    func memory() async {
        let memory = MemoryObjectStore()
        let findings = await ObjectStoreContract(memory, files: directory).findings()
        #expect(findings == [])
    }

    @Test("two stores on one directory, by another path → one identity, shared conditions")
    func twoStores() async throws {
        #expect(symlink(directory("store"), directory("link")) == 0)
        let other = try DirectoryStore(path: directory("link"))
        #expect(other.identity == store.identity)
        let receipt = try await store.put("a", [1], if: .absent)
        try await other.put("a", [2], if: .matches(receipt.etag))
        await #expect(throws: StoreFailure.conditionFailed(key: "a")) {
            try await store.put("a", [3], if: .matches(receipt.etag))
        }
    }

    @Test("the same bytes written again → another etag, a later time")
    func versions() async throws {
        var seen: Set<ETag> = []
        for _ in 0..<50 { seen.insert(try await store.put("a", [1], if: .always).etag) }
        #expect(seen.count == 50)
    }

    @Test("compare-and-swap counters from many tasks → no increment is lost")
    func counters() async throws {
        try await store.put("counter", [0], if: .absent)
        let store = store
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { await increment(store, times: 5) }
            }
        }
        guard case .object(let object) = try await store.get("counter", limit: 9, unless: nil)
        else {
            Issue.record("the counter is gone")
            return
        }
        #expect(object.bytes == [40])
    }

    @Test("leftover of a dead writer → never listed, removed by the next store; a living one stays")
    func leftovers() async throws {
        let old = "\(store.temporaryPath)/old"
        let living = "\(store.temporaryPath)/living"
        try FileSystem.write([1], to: old)
        directory.touch("store/.holdfast/temporary/old", milliseconds: 1_000_000)
        guard let lock = try FileLock.attempt(living) else {
            Issue.record("no lock")
            return
        }
        directory.touch("store/.holdfast/temporary/living", milliseconds: 1_000_000)
        #expect(try await store.list(prefix: "", limit: 10).isEmpty)
        _ = try DirectoryStore(path: directory("store"))
        #expect(try FileSystem.list(store.temporaryPath) == ["living"])
        _ = consume lock
    }

    @Test("a key below another key → refused with the reason, the object stays")
    func nestedKeys() async throws {
        try await store.put("a", [1], if: .always)
        let below = await failure { try await store.put("a/b", [2], if: .always) }
        #expect("\(String(describing: below))".contains("cannot both exist"))
        try await store.put("c/d", [3], if: .always)
        let above = await failure { try await store.put("c", [4], if: .always) }
        #expect("\(String(describing: above))".contains("cannot both exist"))
        #expect(try await store.list(prefix: "", limit: 9).map(\.key) == ["a", "c/d"])
    }

    @Test("the store's own folder as a key → refused")
    func hiddenKey() async {
        let refused = await failure { try await store.put(".holdfast/locks/00", [], if: .always) }
        #expect(refused != nil)
    }

    @Test("a symbolic link in the tree → not an object")
    func link() async throws {
        directory.write("secret", "x")
        #expect(symlink(directory("secret"), directory("store/link")) == 0)
        #expect(try await store.list(prefix: "", limit: 9).isEmpty)
        #expect(try await store.head("link") == nil)
    }

    @Test("a full disk → a local failure that says so, the old object stays")
    func diskFull() async throws {
        let failed = StoreFailure(FileFailure("write", "/x", code: ENOSPC))
        #expect(failed == .local("cannot write /x: No space left on device"))
        #expect(
            StoreFailure(FileFailure("open", "/x", code: EACCES))
                == .denied("cannot open /x: Permission denied"))
    }

    @Test("deleted → its empty directories go, those of others stay")
    func emptyDirectories() async throws {
        try await store.put("runs/a/one", [1], if: .always)
        try await store.put("runs/b/two", [1], if: .always)
        try await store.delete("runs/a/one")
        #expect(try FileSystem.list(directory("store/runs")) == ["b"])
    }

    private func failure<Value>(_ call: () async throws -> Value) async -> StoreFailure? {
        do {
            _ = try await call()
            return nil
        } catch {
            return error as? StoreFailure
        }
    }
}

private func increment(_ store: DirectoryStore, times: Int) async {
    var done = 0
    for _ in 0..<1000 where done < times {
        guard
            case .object(let object)? = try? await store.get("counter", limit: 9, unless: nil),
            let old = object.bytes.first
        else { continue }
        let written = try? await store.put("counter", [old + 1], if: .matches(object.etag))
        if written != nil { done += 1 }
    }
}
