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
}
