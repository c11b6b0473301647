import Glibc
import Processes
import TestSupport
import Testing

/// A call at which a process is killed: see `Tests/Crash/crash.c`.
struct CrashPoint: Hashable, Sendable, CustomStringConvertible {
    var call: Int
    /// After the call took effect, else before.
    var isAfter: Bool

    var description: String { "\(isAfter ? "after" : "before") call \(call)" }

    /// Every point is asked for, not a few of them.
    static let isFull = Command.currentEnvironment["HOLDFAST_CRASH_SWEEP"] == "full"

    /// Every point up to `count` when `HOLDFAST_CRASH_SWEEP=full` is set; else a few, spread
    /// evenly and different for both sides of a call, so that a run of all tests stays short.
    static func points(upTo count: Int) -> [CrashPoint] {
        let stride = isFull ? 1 : max(1, count / 4)
        return (1...max(1, count)).flatMap { call in
            [
                CrashPoint(call: call, isAfter: false), CrashPoint(call: call, isAfter: true),
            ].filter { isFull || (call + ($0.isAfter ? stride / 2 : 0)) % stride == 0 }
        }
    }
}

extension Workshop {
    /// The library that kills, compiled once for all tests.
    static let crasher: Task<String, any Error> = Task {
        let source = package + "/Tests/Crash/crash.c"
        let library = programs + "/holdfast-crash.so"
        let fresh = "\(library).\(FileSystem.randomName())"
        let compiler = try await ChildProcess.spawn(
            Command(
                ["cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", fresh, source, "-ldl"],
                environment: Command.currentEnvironment))
        let status = await compiler.wait(within: .seconds(60))
        try #require(status == .exited(0), "cc \(source)")
        try FileSystem.rename(fresh, to: library)
        return library
    }

    /// The variables that kill a process at the point, or only count for nil.
    func killing(
        at point: CrashPoint?, under directory: String, from: String? = nil
    ) async throws -> [String: String] {
        var variables = [
            "LD_PRELOAD": try await Self.crasher.value, "HOLDFAST_CRASH_UNDER": directory,
            "HOLDFAST_CRASH_TRACE": folder("trace"),
        ]
        if let point {
            variables["HOLDFAST_CRASH_AT"] = "\(point.call)"
            variables["HOLDFAST_CRASH_WHEN"] = point.isAfter ? "after" : "before"
        }
        variables["HOLDFAST_CRASH_FROM"] = from
        return variables
    }

    /// A program to give as `--agent`: the first agent that it starts is killed at the point, all
    /// later ones and every shim are as they are.
    func agentKilled(at point: CrashPoint?, from: String? = nil) async throws -> String {
        let variables = try await killing(at: point, under: store, from: from)
        let exports = variables.sorted { $0.key < $1.key }.map { "\($0.key)='\($0.value)'" }
        folder.makeDirectory("armed")
        folder.write(
            "agent",
            """
            #!/bin/bash
            if [ "$1" = run ] && rmdir '\(folder("armed"))' 2>/dev/null; then
                export \(exports.joined(separator: " "))
            fi
            exec '\(Self.programs)/reconcile-agent' "$@"

            """)
        #expect(chmod(folder("agent"), 0o755) == 0)
        return folder("agent")
    }

    /// How many calls a process made that was only counted.
    var countedCalls: Int { folder.text("trace")?.split(separator: "\n").count ?? 0 }
}
