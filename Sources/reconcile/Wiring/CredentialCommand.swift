import AWS
import Processes

/// Runs a `credential_process`: without a shell, and its output is never shown.
struct CredentialCommand: CommandRunner {
    func output(
        of arguments: [String], environment: [String: String], within span: Duration, limit: Int
    ) async throws(CredentialFailure) -> [UInt8] {
        do {
            return try await ChildProcess.output(
                of: Command(arguments, environment: environment), within: span, limit: limit)
        } catch {
            throw CredentialFailure("credential_process: \(error)", isTransient: true)
        }
    }
}
