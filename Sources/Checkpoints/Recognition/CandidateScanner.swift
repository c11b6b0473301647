package import Training

/// Why a working directory could not be searched for checkpoints.
package enum ScanFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case badPattern(String)
    /// Beyond a bound: the pattern matches more than checkpoints.
    case tooMany(String)
    case unreadable(String)

    package var description: String {
        switch self {
        case .badPattern(let detail): "bad pattern: \(detail)"
        case .tooMany(let detail): "too much to look at: \(detail)"
        case .unreadable(let detail): "cannot be read: \(detail)"
        }
    }
}

/// Finds what could be checkpoints in a working directory: one look at a time, changing nothing.
///
/// Symbolic links are not followed. Bounded in entries, depth and number of checkpoints.
package struct CandidateScanner: Sendable {
    /// Directory entries in one look.
    static let entryLimit = 100_000
    /// Directories below the working directory.
    static let depthLimit = 16
    /// Checkpoints in one look.
    static let candidateLimit = 1_000

    private let directory: WorkingDirectory
    let policy: CheckpointPolicy
    private let pattern: PathPattern
    private let ignored: [NamePattern]
    private let members: [PathPattern]
    private let last: PathPattern?

    /// `directory` is absolute and need not exist yet.
    package init(directory: String, policy: CheckpointPolicy) throws(ScanFailure) {
        guard let pattern = PathPattern(policy.path) else {
            throw .badPattern("`\(policy.path)` is not below the working directory")
        }
        let members = policy.members.map { ($0, PathPattern($0)) }
        let last = policy.last.map { ($0, PathPattern($0)) }
        if let bad = (members + [last].compactMap { $0 }).first(where: { $0.1 == nil }) {
            throw .badPattern("the member `\(bad.0)` is not below the checkpoint")
        }
        if let step = policy.step { _ = try CandidateScanner.regex(step) }
        self.directory = WorkingDirectory(directory)
        self.policy = policy
        self.pattern = pattern
        self.members = members.compactMap(\.1)
        self.last = last?.1
        ignored = policy.ignore.map { NamePattern($0) }
    }

    /// Looks once.
    ///
    /// Blocks on the file system; what vanishes meanwhile is as if it never was there.
    package func look() throws(ScanFailure) -> Look {
        var walk = Walk(step: try policy.step.map(CandidateScanner.regex))
        do {
            try find(pattern.components[...], in: "", depth: 0, &walk)
        } catch let failure as LocalFiles.Failure {
            throw .unreadable("\(failure)")
        } catch let failure as ScanFailure {
            throw failure
        } catch {
            throw .unreadable("\(error)")
        }
        return Look(found: walk.found.values.sorted { $0.candidate.path < $1.candidate.path })
    }

    private struct Walk {
        var step: Regex<AnyRegexOutput>?
        var entries = 0
        var found: [String: Look.Found] = [:]
    }

    // MARK: From the pattern to paths

    private func find(
        _ components: ArraySlice<PathPattern.Component>, in folder: String, depth: Int,
        _ walk: inout Walk
    ) throws {
        guard let component = components.first else { return }
        let rest = components.dropFirst()
        switch component {
        case .name(let name):
            if let literal = name.literal {
                return try visit(literal, in: folder, rest, depth: depth, &walk)
            }
            for found in try names(in: folder, &walk) where name.matches(found) {
                try visit(found, in: folder, rest, depth: depth, &walk)
            }
        case .anyDirectories:
            try find(rest, in: folder, depth: depth, &walk)
            guard depth < CandidateScanner.depthLimit else {
                throw ScanFailure.tooMany("\(folder) is nested too deep")
            }
            for name in try names(in: folder, &walk) where !name.hasPrefix(".") {
                let path = join(folder, name)
                guard try directory.status(path)?.kind == .directory else { continue }
                try find(components, in: path, depth: depth + 1, &walk)
            }
        }
    }

    private func visit(
        _ name: String, in folder: String, _ rest: ArraySlice<PathPattern.Component>, depth: Int,
        _ walk: inout Walk
    ) throws {
        let path = join(folder, name)
        guard !isIgnored(name), let status = try directory.status(path) else { return }
        if !rest.isEmpty {
            guard status.kind == .directory else { return }
            return try find(rest, in: path, depth: depth + 1, &walk)
        }
        switch (policy.kind, status.kind) {
        case (.directory, .directory): try add(directory: path, &walk)
        case (.atomic, .file), (.inPlace, .file):
            let flaw = status.size == 0 ? "it is empty" : nil
            try add(path, [facts(path, status)], flaw, &walk)
        default: break
        }
    }

    private func add(
        _ path: String, _ files: [FileFacts], _ flaw: String?, _ walk: inout Walk
    ) throws {
        let candidate = Candidate(path: path, files: files, step: step(in: path, walk.step))
        walk.found[path] = Look.Found(candidate: candidate, flaw: flaw)
        guard walk.found.count <= CandidateScanner.candidateLimit else {
            throw ScanFailure.tooMany("more than \(CandidateScanner.candidateLimit) checkpoints")
        }
    }

    // MARK: Directories as checkpoints

    private func add(directory path: String, _ walk: inout Walk) throws {
        var files: [FileFacts] = []
        var flaw: String?
        try collect(path, depth: 0, &files, &flaw, &walk)
        files.sort { $0.path < $1.path }
        if files.count > CheckpointManifest.fileLimit {
            flaw = "it has more than \(CheckpointManifest.fileLimit) files"
        }
        try add(path, files, flaw ?? self.flaw(of: files, in: path), &walk)
    }

    private func collect(
        _ folder: String, depth: Int, _ files: inout [FileFacts], _ flaw: inout String?,
        _ walk: inout Walk
    ) throws {
        guard depth < CandidateScanner.depthLimit else {
            flaw = "it is nested too deep"
            return
        }
        for name in try names(in: folder, flaw: &flaw, &walk) where !isIgnored(name) {
            let path = join(folder, name)
            guard let status = try directory.status(path) else { continue }
            switch status.kind {
            case .file: files.append(facts(path, status))
            case .directory: try collect(path, depth: depth + 1, &files, &flaw, &walk)
            case .other:
                flaw = "\(path) is a link or no regular file; name it under `ignore`"
            }
        }
    }

    private func flaw(of files: [FileFacts], in path: String) -> String? {
        if files.isEmpty { return "it is empty" }
        let inside = files.map { ($0, $0.path.dropFirst(path.count + 1)) }
        for (member, name) in zip(members, policy.members) {
            let matching = inside.filter { member.matches($0.1) || $0.1.hasPrefix(name + "/") }
            if matching.isEmpty { return "its member \(name) is missing" }
            if matching.allSatisfy({ $0.0.size == 0 }) { return "its member \(name) is empty" }
        }
        guard let last, let name = policy.last else { return nil }
        let marks = inside.filter { last.matches($0.1) }.map(\.0.modified)
        guard let mark = marks.max() else { return "its last member \(name) is missing" }
        let isNewest = files.allSatisfy { $0.modified <= mark }
        return isNewest ? nil : "its last member \(name) is older than other files"
    }

    // MARK: Parts

    private func names(in folder: String, _ walk: inout Walk) throws -> [String] {
        var flaw: String?
        return try names(in: folder, flaw: &flaw, &walk)
    }

    private func names(
        in folder: String, flaw: inout String?, _ walk: inout Walk
    ) throws -> [String] {
        let left = CandidateScanner.entryLimit - walk.entries
        let names = try directory.names(in: folder, limit: left)
        walk.entries += names.count
        guard walk.entries <= CandidateScanner.entryLimit else {
            throw ScanFailure.tooMany("more than \(CandidateScanner.entryLimit) files")
        }
        if names.contains(nil) { flaw = "a name in \(folder) is not UTF-8" }
        return names.compactMap { $0 }
    }

    private func facts(_ path: String, _ status: LocalFiles.Status) -> FileFacts {
        FileFacts(
            path: path, size: status.size, modified: status.modified, inode: status.inode)
    }

    private func isIgnored(_ name: String) -> Bool { ignored.contains { $0.matches(name) } }
    private func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : folder + "/" + name
    }

    private func step(in path: String, _ regex: Regex<AnyRegexOutput>?) -> Int? {
        guard let regex, let match = try? regex.firstMatch(in: path),
            let text = match.output["step"]?.substring
        else { return nil }
        return Int(text).flatMap { $0.magnitude <= greatestNumber ? $0 : nil }
    }

    private static func regex(_ text: String) throws(ScanFailure) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(text)
        } catch {
            throw .badPattern("`\(text)` is not a regular expression")
        }
    }
}
