import Training

/// The log of one attempt, read piece by piece from the store: pieces are written once, so that
/// listing again shows what is new.
struct LogFollower {
    static let pieceLimit = 100_000
    static let byteLimit = 16 << 20

    let store: any ObjectStore
    let run: RunName
    let attempt: Int
    /// `setup`, `run` or `agent`; nil: setup, then run.
    let stream: String?
    private var shown: Set<String> = []

    init(store: any ObjectStore, run: RunName, attempt: Int, stream: String?) {
        self.store = store
        self.run = run
        self.attempt = attempt
        self.stream = stream
    }

    /// The pieces that were not given before, in order.
    mutating func next() async throws(CommandFailure) -> [[UInt8]] {
        do {
            let prefix = StoreLayout.logs(run, attempt: attempt, node: 0)
            let listing = try await store.list(prefix: prefix, limit: Self.pieceLimit)
            let names = listing.map(\.key).filter { isWanted($0, below: prefix) }
            var pieces: [[UInt8]] = []
            for key in names.sorted(by: { order($0, prefix) < order($1, prefix) })
            where shown.insert(key).inserted {
                guard
                    case .object(let object) = try await store.get(
                        key, limit: Self.byteLimit, unless: nil)
                else { continue }
                pieces.append(object.bytes)
            }
            return pieces
        } catch {
            throw CommandFailure(error.description)
        }
    }

    private func isWanted(_ key: String, below prefix: String) -> Bool {
        let name = key.dropFirst(prefix.count)
        guard let stream else { return !name.hasPrefix("agent-") }
        return name.hasPrefix(stream + "-")
    }

    /// Setup comes before the run; within a stream the numbers have leading zeros.
    private func order(_ key: String, _ prefix: String) -> String {
        let name = String(key.dropFirst(prefix.count))
        return (name.hasPrefix("setup-") ? "0" : "1") + name
    }
}
