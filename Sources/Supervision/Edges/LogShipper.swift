import Processes
import Synchronization
import Training

/// Copies growing log files to the store in numbered pieces, each written once.
///
/// Best effort and bounded: a store that is away delays the copy, and after `limit` bytes of one
/// stream the copy ends with a line that says so; the file on the machine stays whole.
final class LogShipper: Sendable {
    /// One log file on its way.
    struct Stream: Sendable {
        var name: String
        var path: String
        /// Bytes of the file that are in the store, or belong to a life before.
        var shipped: Int
        var pieces: Int
        var isFull = false
    }

    private static let pieceSize = 1 << 20
    private static let limit = 256 << 20
    /// Pieces of one pass, so that a flush ends.
    private static let piecesAtOnce = 64

    private let store: any ObjectStore
    private let run: RunName
    private let attempt: Int
    private let node: Int
    private let streams = Mutex<[Stream]>([])
    private let newest = Mutex<Task<Void, Never>?>(nil)
    private let mask = Mutex(SecretMask())

    init(store: any ObjectStore, run: RunName, attempt: Int, node: Int) {
        self.store = store
        self.run = run
        self.attempt = attempt
        self.node = node
    }

    /// Ships what is written to `path` from `offset` on.
    func follow(_ name: String, _ path: String, from offset: Int) {
        streams.withLock { streams in
            guard !streams.contains(where: { $0.name == name }) else { return }
            streams.append(Stream(name: name, path: path, shipped: offset, pieces: 0))
        }
    }

    /// Hides values in all that is shipped from now on.
    func hide(with mask: SecretMask) {
        self.mask.withLock { $0 = mask }
    }

    /// Ships everything that was written before this call; one pass at a time.
    ///
    /// Unless it `isLast`, an end that may begin a hidden value waits for what follows.
    func ship(isLast: Bool = false) async {
        let pass = newest.withLock { newest in
            let pass = Task { [earlier = newest] in
                // It may have looked before the last lines were written.
                await earlier?.value
                await shipOnce(isLast: isLast)
            }
            newest = pass
            return pass
        }
        await pass.value
    }

    private func shipOnce(isLast: Bool) async {
        let count = streams.withLock { $0.count }
        for place in 0..<count {
            for _ in 0..<LogShipper.piecesAtOnce {
                guard await shipPiece(of: place, isLast: isLast) else { break }
            }
        }
    }

    /// Ships one piece; false when there is none or the store did not take it.
    private func shipPiece(of place: Int, isLast: Bool) async -> Bool {
        let stream = streams.withLock { $0[place] }
        let mask = mask.withLock { $0 }
        guard !stream.isFull, var piece = nextPiece(of: stream) else { return false }
        // The last pass has nothing to wait for, but its full pieces are followed by another.
        if !isLast || piece.count == LogShipper.pieceSize {
            piece.removeLast(mask.pending(atEndOf: piece))
        }
        guard !piece.isEmpty else { return false }
        let size = piece.count
        piece = mask.masked(piece)
        let isFull = stream.shipped + size > LogShipper.limit
        if isFull {
            piece = Array("[the copy of this log ends here; the rest is on the machine]\n".utf8)
        }
        var number = stream.pieces + 1
        // A life of this attempt before this one has written some: go on behind them.
        for _ in 0..<1_000 {
            let key = StoreLayout.logChunk(
                run, attempt: attempt, node: node, stream: stream.name, number: number)
            do {
                try await store.put(key, piece, if: .absent)
                break
            } catch .conditionFailed {
                number += 1
            } catch {
                return false
            }
        }
        streams.withLock { streams in
            streams[place].pieces = number
            streams[place].shipped += size
            streams[place].isFull = isFull
        }
        return true
    }

    private func nextPiece(of stream: Stream) -> [UInt8]? {
        guard let file = try? OpenFile(stream.path, .read), let size = try? file.status().size
        else { return nil }
        let count = min(LogShipper.pieceSize, size - stream.shipped)
        return LogTail.bytes(of: file, from: stream.shipped, count: count)
    }
}
