import Checkpoints
import Logging
import Training

/// The steps on the road to training and after its end.
extension AgentEffectRunner {
    func perform(_ step: AgentStep, _ number: Int) async -> AgentEvent {
        let result = await result(of: step)
        switch result {
        case .invalid(let reason), .failed(let reason), .fenced(let reason):
            logger.warning("step failed", metadata: ["step": "\(step.name)", "why": "\(reason)"])
        default: break
        }
        return .step(number, result)
    }

    private func result(of step: AgentStep) async -> StepResult {
        switch step {
        case .claim(let attempt, let ordinal, let retired):
            let start = journalSize
            let result = await stored.claim(attempt: attempt, ordinal: ordinal, retired: retired)
            ship("agent", disk.agentLog, from: start)
            return result
        case .fetchSpec(let reference): return await stored.fetchSpec(reference)
        case .prepareWorkspace(let clears):
            do {
                try disk.prepareWork(clears: clears)
                return .done
            } catch {
                return .failed("\(error)")
            }
        case .admit(let trainer): return await admit(trainer)
        case .fetchMounts(let mounts): return await fetch(mounts)
        case .fetchSecrets(let secrets): return await fetch(secrets)
        case .fetchSource(let source):
            return await SourceUnpacker(store: ports.store, disk: disk, account: account).fetch(
                source)
        case .setup(let command):
            return await run(
                command, stream: "setup", log: disk.setupLog(ofAttempt: stored.attempt),
                grace: .seconds(5))
        case .start(let command):
            return await run(command, stream: "run", log: disk.log(ofAttempt: stored.attempt))
        case .restore(let reference): return await stored.restore(reference)
        case .quarantine(let id, let digest, let reason):
            return await stored.quarantine(id, digest, reason: reason)
        case .setHead(let id): return await stored.setHead(id)
        case .findLocal(let policy):
            switch local.scan(policy, final: true) {
            case .success(let scan): return .scanned(scan)
            case .failure(let failure):
                return failure.isLasting ? .invalid("\(failure)") : .failed("\(failure)")
            }
        case .checkCompletion(let rule):
            return .missing(CompletionEvidence.missing(rule, in: WorkingDirectory(disk.work)))
        case .flushLogs:
            await flushLogs()
            return .done
        }
    }
}
