import Checkpoints
import Training

/// What the agent's look for checkpoints sees on a simulated disk.
extension SimulatedDisk {
    /// One look at the working directory.
    ///
    /// Stands for `CandidateScanner`: a simulated trainer names its files after the policy, so the
    /// glob need not be searched.
    func look(_ policy: CheckpointPolicy, at now: Timestamp) -> Look {
        let names = CheckpointNames(policy)
        var found: [String: [FileFacts]] = [:]
        for (path, file) in files {
            guard let inside = SimulatedDisk.inWork(path), let name = names.checkpoint(of: inside)
            else { continue }
            found[name, default: []].append(facts(inside, file, at: now))
        }
        return Look(
            found: found.keys.sorted().map { name in
                let all = (found[name] ?? []).sorted { $0.path < $1.path }
                let step = policy.step == nil ? nil : step(of: all)
                return Look.Found(
                    candidate: Candidate(path: name, files: all, step: step),
                    flaw: flaw(of: all, in: name, policy))
            })
    }

    private func step(of facts: [FileFacts]) -> Int? {
        facts.first.flatMap { read(SimulatedDisk.work + "/" + $0.path) }
            .flatMap { SavedStep(bytes: $0)?.step }
    }

    private func flaw(
        of facts: [FileFacts], in name: String, _ policy: CheckpointPolicy
    ) -> String? {
        guard policy.kind == .directory else {
            return facts.contains { $0.size == 0 } ? "it is empty" : nil
        }
        let there = Set(facts.map(\.path))
        let needed = policy.members + (policy.last.map { [$0] } ?? [])
        return needed.first { !there.contains(name + "/" + $0) }.map {
            "its member \($0) is missing"
        }
    }

    /// A growing file is another one at each moment.
    func facts(_ path: String, _ file: File, at now: Timestamp) -> FileFacts {
        FileFacts(
            path: path, size: file.bytes.count,
            modified: (file.isGrowing ? now : file.modified).milliseconds * 1_000_000,
            inode: file.inode)
    }

    /// Relative to the working directory; nil for what is outside.
    private static func inWork(_ path: String) -> String? {
        let prefix = work + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
    }
}

/// How a simulated trainer names its checkpoints, so that they match the policy's glob.
struct CheckpointNames: Hashable, Sendable {
    private let before: String
    private let after: String
    private let isFixed: Bool
    private let depth: Int

    init(_ policy: CheckpointPolicy) {
        let parts = policy.path.split(separator: "/").filter { $0 != "**" && $0 != "." }
        let path = parts.joined(separator: "/")
        let wild = path.firstIndex { "*?[{".contains($0) }
        isFixed = wild == nil
        before = String(path[..<(wild ?? path.endIndex)])
        let end = path.lastIndex { "*?]}".contains($0) }
        after = end.map { String(path[path.index(after: $0)...]) } ?? ""
        depth = before.split(separator: "/", omittingEmptySubsequences: false).count
    }

    /// Relative to the working directory.
    func path(_ number: Int) -> String {
        isFixed ? before : before + String(number) + after
    }

    /// The checkpoint that a file belongs to; nil for other files.
    func checkpoint(of file: String) -> String? {
        if isFixed { return file == before || file.hasPrefix(before + "/") ? before : nil }
        guard file.hasPrefix(before) else { return nil }
        let name = file.split(separator: "/").prefix(depth).joined(separator: "/")
        let digits = name.dropFirst(before.count)
        return digits.first?.isNumber == true ? name : nil
    }
}

/// What a simulated trainer writes into a checkpoint's files.
struct SavedStep: Hashable, Sendable {
    var step: Int
    var attempt: Int
    /// When it was written: no training gives the same bytes twice.
    var at: Timestamp

    init(step: Int, attempt: Int, at: Timestamp) {
        self.step = step
        self.attempt = attempt
        self.at = at
    }

    var bytes: [UInt8] { Array("step \(step) attempt \(attempt) at \(at.milliseconds)\n".utf8) }

    /// Nil for bytes that are torn or damaged.
    init?(bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard text.hasSuffix("\n"), words.count == 6, words[0] == "step", words[2] == "attempt",
            let step = Int(words[1]), let attempt = Int(words[3]), let at = Int64(words[5])
        else { return nil }
        self.init(step: step, attempt: attempt, at: Timestamp(milliseconds: at))
    }

    /// What a write that was cut off leaves.
    static func torn(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.prefix(bytes.count / 2)) }
}
