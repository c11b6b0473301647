import Glibc
import Processes
import TestSupport

/// The processes of this machine that belong to one state directory, read from `/proc`.
struct ProcessTable {
    struct Entry: Hashable, Sendable {
        var identity: ProcessIdentity
        var arguments: [String]
        var environment: [String: String]

        /// An interpreter that runs a trainer: not the shells and launchers above it, whose
        /// arguments name the trainer too.
        var isTrainer: Bool {
            let program = arguments.first?.split(separator: "/").last ?? ""
            return program.hasPrefix("python3")
                && arguments.dropFirst().contains {
                    $0.hasSuffix("stepper.py") || $0.hasSuffix("train.py")
                }
        }

        var run: String? { environment["RUN_NAME"] }
    }

    /// Every process with the directory in its arguments, its environment or as its place.
    static func processes(of state: String) -> [Entry] {
        identities().compactMap { entry($0, where: { $0.contains(state) }) }
    }

    /// The living trainers below the directory.
    static func trainers(of state: String) -> [Entry] {
        identities().compactMap { pid -> Entry? in
            guard let line = LocalFile.read("/proc/\(pid)/cmdline"),
                String(decoding: line, as: UTF8.self).contains(".py")
            else { return nil }
            return entry(pid, where: { $0.contains(state) })
        }.filter { $0.isTrainer && !hasTrainerAbove($0) }
    }

    private static func identities() -> [Int32] {
        ((try? FileSystem.list("/proc")) ?? nil ?? []).compactMap { Int32($0) }
    }

    private static func entry(_ pid: Int32, where isOurs: (String) -> Bool) -> Entry? {
        guard pid != getpid(), let identity = ProcessIdentity(of: pid),
            let line = LocalFile.read("/proc/\(pid)/cmdline"), !line.isEmpty,
            let environment = LocalFile.read("/proc/\(pid)/environ")
        else { return nil }
        let place = link("/proc/\(pid)/cwd")
        let texts = [line, environment].map { String(decoding: $0, as: UTF8.self) } + [place]
        guard texts.contains(where: isOurs), identity.isAlive else { return nil }
        return Entry(
            identity: identity, arguments: parts(line),
            environment: parts(environment).reduce(into: [:]) { result, assignment in
                let pair = assignment.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
            })
    }

    /// A trainer's own workers bear its arguments.
    private static func hasTrainerAbove(_ entry: Entry) -> Bool {
        guard let status = LocalFile.read("/proc/\(entry.identity.pid)/status") else {
            return false
        }
        let parent = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("PPid:")
        }
        guard let pid = parent?.split(whereSeparator: \.isWhitespace).last,
            let line = LocalFile.read("/proc/\(pid)/cmdline")
        else { return false }
        return parts(line) == entry.arguments
    }

    private static func link(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return "" }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func parts(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
