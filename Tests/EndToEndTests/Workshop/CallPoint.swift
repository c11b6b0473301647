import Glibc
import Processes
import TestSupport
import Testing
import Training

/// A call to the double at which its caller is killed.
struct CallPoint: Hashable, Sendable, CustomStringConvertible {
    /// A call, named alike in every world.
    struct Call: Hashable, Sendable, CustomStringConvertible {
        var operation: String
        /// What it is about, with `*` for what differs from world to world; empty: nothing.
        var resource = ""
        /// Which of these calls, from 1.
        var nth = 1

        var description: String { "\(operation) \(resource) \(nth)" }

        /// A write below the scope's place.
        static func put(_ key: String, _ nth: Int = 1) -> Call {
            Call(
                operation: "PutObject",
                resource: "\(CloudGround.bucket)/\(CloudGround.prefix)/\(key)",
                nth: nth)
        }

        fileprivate var onlyReads: Bool {
            ["Get", "Head", "List", "Describe"].contains { operation.hasPrefix($0) }
        }

        /// Made at a fixed pace: how many there are depends on how fast the world is.
        fileprivate var isPaced: Bool {
            resource.contains("/heartbeats/") || resource.contains("/logs/")
        }
    }

    var call: Call
    /// After the call took effect, else before.
    var isAfter: Bool

    var description: String { "\(isAfter ? "after" : "before") \(call)" }

    /// The chosen calls from both sides; all that were counted when `HOLDFAST_CRASH_SWEEP=full` is
    /// set.
    ///
    /// Where somebody polls, reads are taken only once: how many there are is chance, and a kill
    /// beside a read leaves the world as one beside the write before it.
    static func points(
        of chosen: [Call], in counted: [String], isPolling: Bool
    ) throws -> [CallPoint] {
        let made = calls(counted)
        for call in chosen where !made.contains(call) {
            Issue.record("no \(call) in \(made.map(\.description).joined(separator: ", "))")
        }
        let all = made.filter { !$0.isPaced && !(isPolling && $0.onlyReads && $0.nth > 1) }
        return (CrashPoint.isFull ? all : chosen).flatMap {
            [CallPoint(call: $0, isAfter: false), CallPoint(call: $0, isAfter: true)]
        }
    }

    private static func calls(_ counted: [String]) -> [Call] {
        var seen: [String: Int] = [:]
        return counted.map { text in
            let words = text.split(separator: " ", maxSplits: 1)
            // Whatever has a digit in it is an id, a digest or a number.
            let resource = (words.count > 1 ? words[1] : "").split(
                separator: "/", omittingEmptySubsequences: false
            ).map { $0.contains(where: \.isNumber) ? "*" : String($0) }.joined(separator: "/")
            seen["\(words[0]) \(resource)", default: 0] += 1
            return Call(
                operation: String(words[0]), resource: resource,
                nth: seen["\(words[0]) \(resource)"] ?? 1)
        }
    }
}

extension AWSDoubleProcess {
    private struct Pattern: Encodable {
        var caller: String
        var operation: String?
        var resource: String?

        init(_ caller: String, _ call: CallPoint.Call?) {
            self.caller = caller
            operation = call?.operation
            resource = call.flatMap { $0.resource.isEmpty ? nil : $0.resource }
        }
    }

    private struct Order: Encodable {
        var pid: pid_t
        var when: String
        var calls: Pattern
        var since: Pattern?
        var nth: Int?
    }

    /// Has a process killed at a point, or its calls only counted for nil.
    ///
    /// The calls are those of the ARN `caller`, with wildcards; they count once a `since` of it was
    /// answered.
    func arm(
        _ pid: pid_t, at point: CallPoint?, caller: String, since: CallPoint.Call? = nil
    ) throws {
        let order = Order(
            pid: pid, when: point?.isAfter == true ? "after" : "before",
            calls: Pattern(caller, point?.call), since: since.map { Pattern(caller, $0) },
            nth: point?.call.nth)
        try control("POST", "kills", String(decoding: CanonicalJSON.encode(order), as: UTF8.self))
    }

    /// Takes the order away, and gives what came of it.
    func disarm() throws -> Kill {
        let kill = try #require(try kills().first)
        try control("DELETE", "kills")
        return kill
    }
}

extension Workshop {
    /// Runs `reconcile` and has it killed at the point, or its calls only counted for nil.
    ///
    /// It waits for a line before it begins, so that its pid is known to the double in time.
    func reconcile(_ arguments: String..., killedAt point: CallPoint?) async throws -> WaitStatus? {
        let double = try #require((ground as? CloudGround)?.double)
        let gate = folder("gate")
        #expect(mkfifo(gate, 0o600) == 0)
        let line = (arguments + ground.flags + ["--repo", repository]).map { "'\($0)'" }
            .joined(separator: " ")
        let child = try await start(
            ["bash", "-c", "read -r _ < '\(gate)'; exec '\(Self.programs)/reconcile' \(line)"],
            output: folder("killed.out"), errors: folder("killed.err"))
        try double.arm(child.pid, at: point, caller: "*:user/admin")
        #expect(LocalFile.write(gate, Array("go\n".utf8)))
        let status = await child.wait(within: .seconds(60 * slowness))
        try FileSystem.remove(gate)
        return status
    }

    private var slowness: Int { ground.slowness }

    /// Has the agent of the only machine killed at the point, or its calls only counted for nil.
    func armAgent(at point: CallPoint?, since: CallPoint.Call) throws {
        let double = try #require((ground as? CloudGround)?.double)
        let agent = try #require(
            ProcessTable.processes(of: ground.mark).first {
                $0.arguments.first?.hasSuffix("reconcile-agent") == true
                    && $0.arguments.contains("run")
            })
        try double.arm(
            agent.identity.pid, at: point, caller: "*:assumed-role/holdfast-instance/*",
            since: since)
    }
}
