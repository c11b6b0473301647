import Glibc

/// A program to start: everything that its process begins with.
///
/// Nothing else is inherited but umask and limits, and user and groups unless told; every other
/// descriptor is closed, every signal is at its default.
package struct Command: Sendable {
    /// The program and its arguments.
    ///
    /// Without `/` the program is sought in the environment's `PATH`.
    package var arguments: [String]
    /// The whole environment.
    package var environment: [String: String]
    /// nil: the directory of this process.
    package var directory: String?
    package var input: Stream = .null
    package var output: Stream = .null
    package var errors: Stream = .null
    /// A session of its own: no terminal, and no signal meant for ours reaches it.
    package var newSession = true
    /// Sent to the child when this process ends in any way (`PR_SET_PDEATHSIG`).
    package var parentDeathSignal: Int32?
    /// Entered before exec.
    package var controlGroup: ControlGroup?
    /// As whom it runs; nil: as this process.
    ///
    /// Needs root. The environment is the caller's matter.
    package var account: Account?

    /// Where a standard stream leads.
    package enum Stream: Sendable {
        case null
        /// A descriptor of this process, which stays open here.
        case descriptor(Int32)
        case read(path: String)
        case append(path: String)
    }

    package init(
        _ arguments: [String], environment: [String: String], directory: String? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// The environment that this process began with: a base to add to.
    package static var currentEnvironment: [String: String] {
        let bytes = (try? FileSystem.read("/proc/self/environ", limit: 4 << 20)) ?? nil
        var result: [String: String] = [:]
        for assignment in (bytes ?? []).split(separator: 0) {
            guard let equals = assignment.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: assignment[..<equals], as: UTF8.self)
            result[name] = String(decoding: assignment[(equals + 1)...], as: UTF8.self)
        }
        return result
    }

    /// The path to execute.
    func executable() throws(SpawnFailure) -> String {
        guard let program = arguments.first, !program.isEmpty else {
            throw SpawnFailure(program: "", stage: .exec, code: EINVAL)
        }
        let texts = arguments + environment.map { "\($0)=\($1)" } + [directory ?? ""]
        guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw SpawnFailure(program: program, stage: .exec, code: EINVAL)
        }
        if program.utf8.contains(UInt8(ascii: "/")) { return program }
        let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        var denied = false
        for folder in path.split(separator: ":") {
            let candidate = "\(folder)/\(program)"
            if access(candidate, X_OK) == 0 { return candidate }
            if errno == EACCES { denied = true }
        }
        throw SpawnFailure(program: program, stage: .exec, code: denied ? EACCES : ENOENT)
    }
}

/// Why a program could not be started: what failed, and `errno`.
package struct SpawnFailure: Error, Hashable, Sendable {
    package enum Stage: Int32, Sendable {
        case fork = 1
        case session
        case controlGroup
        case streams
        case directory
        case exec
        case account
    }

    package var program: String
    package var stage: Stage
    package var code: Int32

    /// The program (or the working directory) does not exist.
    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var isDenied: Bool { code == EACCES || code == EPERM }
}

extension SpawnFailure: CustomStringConvertible {
    package var description: String {
        let what =
            switch stage {
            case .fork: "no process could be made"
            case .session: "no session could be made"
            case .controlGroup: "its control group could not be entered"
            case .streams: "its input or output could not be opened"
            case .directory: "its working directory could not be entered"
            case .exec: "it could not be executed"
            case .account: "its user could not be taken on"
            }
        return "cannot start \(program): \(what): \(systemMessage(code))"
    }
}
