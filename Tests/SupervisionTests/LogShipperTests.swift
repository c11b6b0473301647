import Synchronization
import TestSupport
import Testing
import Training

@testable import Supervision

struct LogShipperTests {
    @Test("lines are written while a pass is under way → a call that comes then ships them, too")
    func lateLines() async throws {
        let folder = try TemporaryDirectory()
        folder.write("run.log", "first\n")
        folder.write("agent.log", "x\n")
        let run = try #require(RunName("a"))
        let store = MemoryObjectStore()
        let shipper = LogShipper(store: store, run: run, attempt: 1, node: 0)
        shipper.follow("run", folder("run.log"), from: 0)
        shipper.follow("agent", folder("agent.log"), from: 0)
        let flush = Mutex<Task<Void, Never>?>(nil)
        await store.interpose { call in
            guard call.number == 2 else { return }
            // The pass is done with the run's log already.
            folder.write("run.log", "first\nlast\n")
            flush.withLock { $0 = Task { await shipper.ship() } }
        }
        await shipper.ship()
        await flush.withLock(\.self)?.value
        let key = StoreLayout.logChunk(run, attempt: 1, node: 0, stream: "run", number: 2)
        guard case .object(let piece) = try await store.get(key, limit: 100, unless: nil) else {
            Issue.record("the last line was not shipped")
            return
        }
        #expect(String(decoding: piece.bytes, as: UTF8.self) == "last\n")
    }

    @Test("a secret is written in two halves → no piece holds any of it")
    func halves() async throws {
        let folder = try TemporaryDirectory()
        let run = try #require(RunName("a"))
        let store = MemoryObjectStore()
        let shipper = LogShipper(store: store, run: run, attempt: 1, node: 0)
        shipper.hide(with: SecretMask(["hunter22"]))
        folder.write("run.log", "key=hunt")
        shipper.follow("run", folder("run.log"), from: 0)
        await shipper.ship()
        folder.write("run.log", "key=hunter22\nhun")
        await shipper.ship()
        await shipper.ship(isLast: true)
        var text = ""
        for number in 1...3 {
            let key = StoreLayout.logChunk(run, attempt: 1, node: 0, stream: "run", number: number)
            text += "[\(String(decoding: await store.bytes(key) ?? [], as: UTF8.self))]"
        }
        #expect(text == "[key=][***\n][hun]")
    }
}
