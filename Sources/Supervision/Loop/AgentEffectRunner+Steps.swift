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
            return await claim(attempt, ordinal, retired)
        case .fetchSpec(let reference): return await fetchSpec(reference)
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
                command, stream: "setup", log: disk.setupLog(ofAttempt: attempt),
                grace: .seconds(5))
        case .start(let command):
            return await run(command, stream: "run", log: disk.log(ofAttempt: attempt))
        case .restore(let reference): return await restore(reference)
        case .quarantine(let id, let digest, let reason):
            return await change { index throws(FenceFailure) in
                try await index.quarantine(
                    id, digest: digest, reason: reason, at: ports.clock.now())
                return .index(try await index.read())
            }
        case .setHead(let id):
            return await change { index throws(FenceFailure) in
                try await index.setHead(id)
                return .done
            }
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

    private func claim(
        _ attempt: Int, _ ordinal: Int, _ retired: [CheckpointID]
    ) async -> StepResult {
        _ = fencedIndex(attempt: attempt, ordinal: ordinal)
        followJournal()
        return await change { index throws(FenceFailure) in
            try await index.claim()
            let adoption = try await index.adoptOrphans(retired: retired)
            if !adoption.adopted.isEmpty {
                logger.info("adopted", metadata: ["checkpoints": "\(adoption.adopted)"])
            }
            return .index(try await index.read())
        }
    }

    private func change(
        _ body: (FencedIndex) async throws(FenceFailure) -> StepResult
    ) async -> StepResult {
        guard let index else { return .failed("nothing is claimed") }
        do {
            return try await body(index)
        } catch {
            if case .fenced = error { return .fenced("\(error)") }
            return error.isTransient ? .failed("\(error)") : .invalid("\(error)")
        }
    }

    private func fetchSpec(_ reference: StoredReference) async -> StepResult {
        do {
            return .spec(try await records.read(RunSpec.self, reference: reference))
        } catch {
            return error.isTransient ? .failed("\(error)") : .invalid("\(error)")
        }
    }

    private func restore(_ reference: CheckpointReference) async -> StepResult {
        let restorer = CheckpointRestorer(
            records: records, directory: disk.work, staging: disk.staging)
        do {
            let restored = try await restorer.restore(
                reference.checkpoint, of: reference.run ?? configuration.run)
            logger.info("restored", metadata: ["checkpoint": "\(reference)"])
            return .restored(path: restored.path)
        } catch {
            switch error {
            case .invalid(let reason): return .invalid(reason)
            case .unavailable(let reason), .failed(let reason): return .failed(reason)
            }
        }
    }
}
