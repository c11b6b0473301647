import Training

/// The program that a profile's `credential_process` names: it prints credentials as JSON.
struct ProcessProvider: CredentialProvider {
    /// Some programs ask a person's password agent; none needs longer.
    static let timeLimit = Duration.seconds(60)
    static let outputLimit = 64 << 10

    let profile: String
    let name = "credential_process"

    func load(
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> CredentialFinding {
        let configuration = context.configuration
        guard let setting = configuration.profiles[profile]?["credential_process"] else {
            return .absent("profile \(profile) has no credential_process")
        }
        let place = "\(setting.path):\(setting.line)"
        guard let runner = context.runner else {
            throw CredentialFailure("\(place): this program runs no credential_process")
        }
        let words: [String]
        do throws(ShellWords.Failure) {
            words = try ShellWords.split(setting.text)
        } catch {
            throw CredentialFailure("\(place): credential_process: \(error)")
        }
        guard let program = words.first else {
            throw CredentialFailure("\(place): credential_process names no program")
        }
        do throws(CredentialFailure) {
            let output = try await runner.output(
                of: words, environment: configuration.environment,
                within: ProcessProvider.timeLimit, limit: ProcessProvider.outputLimit)
            let document = try CredentialDocument.decode(output)
            guard document.version == 1 else {
                throw CredentialFailure("its answer is not of Version 1")
            }
            return .found(try document.credentials(), in: "\(program) (\(place))")
        } catch {
            throw CredentialFailure(
                "\(place): credential_process \(program): \(error)",
                isTransient: error.isTransient)
        }
    }
}
