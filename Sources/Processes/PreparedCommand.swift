import CLinux
import Glibc

/// A command turned into what `fork` and `exec` need: nothing is allocated between them.
struct PreparedCommand: Sendable {
    private let command: Command
    private let path: String

    init(_ command: Command) throws(SpawnFailure) {
        self.command = command
        path = try command.executable()
    }

    /// Blocks for the few milliseconds until exec.
    func spawn() -> Result<ChildProcess, SpawnFailure> {
        do throws(SpawnFailure) {
            var streams: [OpenStream] = []
            for stream in [command.input, command.output, command.errors] {
                streams.append(try OpenStream(stream, program: path))
            }
            let procs = try command.controlGroup.map { (group) throws(SpawnFailure) in
                try OpenStream(.append(path: group.procsPath), program: path, create: false)
            }
            let spawned = fork(streams: streams.map(\.descriptor), procs: procs?.descriptor ?? -1)
            guard spawned.stage == 0 else {
                let stage = SpawnFailure.Stage(rawValue: spawned.stage) ?? .fork
                throw SpawnFailure(program: path, stage: stage, code: spawned.error)
            }
            return .success(ChildProcess(pid: spawned.pid, pidfd: spawned.pidfd))
        } catch {
            return .failure(error)
        }
    }

    private func fork(streams: [Int32], procs: Int32) -> holdfast_spawned {
        let variables = command.environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        return withCStrings(command.arguments) { argv in
            withCStrings(variables) { envp in
                path.withCString { path in
                    withOptionalCString(command.directory) { directory in
                        var request = holdfast_spawn()
                        request.path = path
                        request.argv = argv
                        request.envp = envp
                        request.directory = directory
                        request.stdio = (streams[0], streams[1], streams[2])
                        request.cgroup_procs = procs
                        request.parent_death_signal = command.parentDeathSignal ?? 0
                        request.new_session = command.newSession ? 1 : 0
                        guard let account = command.account else {
                            return OwnChildren.spawn { holdfast_spawn(&request) }
                        }
                        request.switches = 1
                        request.user = account.user
                        request.group = account.group
                        return account.groups.withUnsafeBufferPointer { groups in
                            request.groups = groups.baseAddress
                            request.group_count = groups.count
                            return OwnChildren.spawn { holdfast_spawn(&request) }
                        }
                    }
                }
            }
        }
    }
}

/// A descriptor to hand down; closed here afterwards if we opened it.
private final class OpenStream {
    let descriptor: Int32
    private let isOurs: Bool

    init(
        _ stream: Command.Stream, program: String, create: Bool = true
    ) throws(SpawnFailure) {
        switch stream {
        case .descriptor(let number):
            descriptor = number
            isOurs = false
            return
        case .null: descriptor = holdfast_open("/dev/null", O_RDWR, 0)
        case .read(let path): descriptor = holdfast_open(path, O_RDONLY, 0)
        case .append(let path):
            let flags = create ? O_WRONLY | O_APPEND | O_CREAT : O_WRONLY
            descriptor = holdfast_open(path, flags, 0o644)
        }
        isOurs = true
        guard descriptor >= 0 else {
            let stage: SpawnFailure.Stage = create ? .streams : .controlGroup
            throw SpawnFailure(program: program, stage: stage, code: errno)
        }
    }

    deinit { if isOurs { close(descriptor) } }
}

private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}

private func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
