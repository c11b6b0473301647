import Synchronization

@testable import reconcile

/// One run of the program within this process, with surroundings of its own.
struct Invocation {
    var exit: ExitReason
    var output: String
    var errors: String

    private final class Written: Sendable {
        let bytes = Mutex<(standard: [UInt8], error: [UInt8])>(([], []))
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:], directory: String = "/",
        terminal: Terminal = .none
    ) async -> Invocation {
        let written = Written()
        let surroundings = Surroundings(
            environment: environment, directory: directory,
            executable: "/usr/local/bin/reconcile", terminal: terminal)
        let output = Output(
            masking: Masking(environment: environment),
            manner: Output.Manner(terminal: terminal)
        ) { channel, bytes in
            written.bytes.withLock {
                switch channel {
                case .standard: $0.standard += bytes
                case .error: $0.error += bytes
                }
            }
        }
        let exit = await Program(surroundings: surroundings, output: output).run(arguments)
        let (standard, error) = written.bytes.withLock { $0 }
        return Invocation(
            exit: exit, output: String(decoding: standard, as: UTF8.self),
            errors: String(decoding: error, as: UTF8.self))
    }
}
