/// The keys of the store: a frozen surface, the same in S3 and in a directory.
package enum StoreLayout {
    package static let scope = "scope.json"
    package static let ledgers = "ledgers/"
    package static let indexes = "index/"
    package static let heartbeats = "heartbeats/"
    /// Checkpoints and logs.
    package static let runs = "runs/"

    /// Everything but the scope's own record lies in one of these.
    package static let folders = [
        ledgers, indexes, heartbeats, "specs/", runs, "sources/", "agents/", "history/",
        "leases/",
    ]

    package static func ledger(_ run: RunName) -> String { "ledgers/\(run).json" }
    package static func index(_ run: RunName) -> String { "index/\(run).json" }

    package static func spec(_ run: RunName, _ digest: Digest) -> String {
        "specs/\(run)/\(digest).json"
    }

    package static func heartbeat(_ run: RunName, attempt: Int, node: Int) -> String {
        "heartbeats/\(run)/\(attempt)-\(node)"
    }

    /// Holds every checkpoint of a run.
    package static func checkpoints(_ run: RunName) -> String { "runs/\(run)/checkpoints/" }

    /// Holds one checkpoint's files and its manifest.
    package static func checkpoint(_ run: RunName, _ id: CheckpointID) -> String {
        "runs/\(run)/checkpoints/\(id)/"
    }

    /// The commit of a checkpoint: written last, only if absent.
    package static func manifest(_ run: RunName, _ id: CheckpointID) -> String {
        checkpoint(run, id) + "MANIFEST.json"
    }

    /// Holds the logs of one node of one attempt.
    package static func logs(_ run: RunName, attempt: Int, node: Int) -> String {
        "runs/\(run)/logs/\(attempt)-\(node)/"
    }

    /// One piece of one log, written once, so that a reader follows by listing.
    ///
    /// `stream` is `setup`, `run` or `agent`; numbered from 1.
    package static func logChunk(
        _ run: RunName, attempt: Int, node: Int, stream: String, number: Int
    ) -> String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(logs(run, attempt: attempt, node: node))\(stream)-\(padding)\(digits).log"
    }

    package static func source(tree: String, sha256: Digest) -> String {
        "sources/\(tree)-\(sha256).tar.gz"
    }

    /// The program that machines run, by its SHA-256.
    package static func agent(_ sha256: Digest) -> String { "agents/\(sha256)" }

    /// The attempts of a run that are older than its ledger's last 50.
    package static func history(_ run: RunName) -> String { "history/\(run)/" }

    /// One of them.
    package static func history(_ run: RunName, attempt: Int) -> String {
        history(run) + "\(attempt).json"
    }

    /// The attempt that such a key names; nil for keys of another form.
    package static func attempt(ofHistory key: String) -> Int? {
        guard let name = key.split(separator: "/").last, name.hasSuffix(".json") else {
            return nil
        }
        return Int(name.dropLast(5))
    }

    /// The run that a ledger's or an index's key names; nil for keys of another form.
    package static func run(ofRecord key: String) -> RunName? {
        guard let slash = key.lastIndex(of: "/"), key.hasSuffix(".json") else { return nil }
        return RunName(String(key[key.index(after: slash)...].dropLast(5)))
    }

    /// The run and attempt that a heartbeat's key names; nil for keys of another form.
    package static func attempt(ofHeartbeat key: String) -> (run: RunName, attempt: Int)? {
        let parts = key.split(separator: "/")
        guard parts.count == 3, let run = RunName(String(parts[1])),
            let attempt = parts[2].split(separator: "-").first.flatMap({ Int($0) })
        else { return nil }
        return (run, attempt)
    }
}
