import Logging
import Processes
import Training

/// The steps between the working directory and setup: the trainer's account, mounts, secrets.
extension AgentEffectRunner {
    func admit(_ trainer: TrainerAccount) async -> StepResult {
        let endpoint = Command.currentEnvironment["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
        let admission = TrainerAdmission(trainer: trainer, endpoint: endpoint)
        do throws(TrainerAdmission.Refusal) {
            equip(account: try await admission.admit())
            return .done
        } catch {
            return .invalid("\(error)")
        }
    }

    /// All or none of them; what is wrong with each is said at once.
    func fetch(_ secrets: [String: SecretReference]) async -> StepResult {
        guard let store = ports.secrets else {
            return .invalid(
                "there are none under the embedded provider: leave `secrets` out, or use `envs`")
        }
        var values: [String: String] = [:]
        var lasting: [String] = []
        var passing: [String] = []
        for (variable, reference) in secrets.sorted(by: { $0.key < $1.key }) {
            do throws(SecretFailure) {
                values[variable] = try await store.value(of: reference)
            } catch {
                switch error {
                case .missing, .denied: lasting.append("\(variable): \(error)")
                case .unavailable: passing.append("\(variable): \(error)")
                }
            }
        }
        guard lasting.isEmpty else { return .invalid(lasting.joined(separator: "; ")) }
        guard passing.isEmpty else { return .failed(passing.joined(separator: "; ")) }
        equip(secrets: values)
        return .done
    }

    func fetch(_ mounts: [FileMount]) async -> StepResult {
        guard let source = ports.mounts else {
            return .invalid(
                "there are none under the embedded provider: leave `file_mounts` out, or let "
                    + "`setup` fetch the files")
        }
        let fetcher = MountFetcher(
            source: source, disk: disk, account: account, clock: ports.clock, logger: logger,
            tell: { self.tell($0) })
        let limit = AgentStateMachine.Limit.mounts.count - mountingFor.count
        return await fetcher.fetch(mounts, within: .seconds(limit))
    }
}
