import Processes
import Training

/// Readies the account that the manifest's commands run as: it exists, and it cannot take the
/// machine's credentials unless it may.
struct TrainerAdmission: Sendable {
    /// Why nothing of the manifest may run here.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    let trainer: TrainerAccount
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`; nil: EC2's own.
    let endpoint: String?
    var useradd = "/usr/sbin/useradd"

    /// A machine that boots for the first time has a slow disk, and others who make accounts.
    private static let patience: Duration = .seconds(120)
    private static let tries = 4

    /// Nil: the commands run as this process does.
    func admit() async throws(Refusal) -> Account? {
        let found = Account(named: trainer.user)
        if let found, found.isOurs {
            // Nobody can keep this process's own user out and yet be in.
            guard trainer.readsMetadata || !Account.canSwitch else {
                throw Refusal(
                    description: "the trainer would run as \(trainer.user), as the agent does: "
                        + "name another trainer_user, or set trainer_metadata: true")
            }
            return nil
        }
        guard Account.canSwitch else {
            throw Refusal(
                description: "only root can run the trainer as \(trainer.user); "
                    + "this agent is not root")
        }
        let account: Account
        if let found { account = found } else { account = try await make() }
        guard !trainer.readsMetadata else { return account }
        guard let barrier = MetadataBarrier(against: account, endpoint: endpoint) else {
            throw Refusal(
                description: "the trainer cannot be kept from \(endpoint ?? ""), "
                    + "which is no address of instance metadata")
        }
        do throws(MetadataBarrier.Failure) {
            try await barrier.raise()
        } catch {
            throw Refusal(description: "\(error)")
        }
        return account
    }

    private func make() async throws(Refusal) -> Account {
        let command = Command(
            [
                // No further ids for user namespaces: nothing it starts is anybody else.
                useradd, "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0",
                "--create-home", "--shell", "/bin/bash", trainer.user,
            ], environment: [:])
        for turn in 1...TrainerAdmission.tries {
            do throws(OutputFailure) {
                _ = try await ChildProcess.output(
                    of: command, within: TrainerAdmission.patience, limit: 4096)
                break
            } catch {
                guard error.mayPass, turn < TrainerAdmission.tries else {
                    throw Refusal(description: "useradd \(trainer.user): \(error)")
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        guard let account = Account(named: trainer.user) else {
            throw Refusal(description: "there is no user \(trainer.user) after useradd")
        }
        return account
    }
}

extension OutputFailure {
    /// useradd(8): it cannot update the password file (1) or the group file (10), as while somebody
    /// else keeps them locked; it has then waited for 15 s.
    fileprivate var mayPass: Bool {
        guard case .ended(.exited(let code)) = self else { return false }
        return code == 1 || code == 10
    }
}
