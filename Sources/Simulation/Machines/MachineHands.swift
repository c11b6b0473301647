package import Checkpoints
import Logging
import Supervision
package import Training

/// An effect of a simulated machine's agent that goes through the store.
package struct StoreOrder: Sendable {
    package let life: Int
    let effect: AgentEffect
    /// What stands behind the checkpoint of a commit.
    let candidate: Candidate?
}

/// The answer to an order.
package struct MachineAnswer: Sendable {
    package let life: Int
    let effect: AgentEffect
    let event: AgentEvent
    /// Whether a heartbeat was written.
    var isWritten = true
}

/// Carries out the orders of one life of a simulated machine's agent, by the production code.
package struct MachineHands: Sendable {
    private let effects: StoreEffects
    private let store: any ObjectStore

    package init(
        _ configuration: AgentConfiguration, instance: InstanceID, boot: String,
        in surroundings: any MachineSurroundings, coding: any RecordCoding = JSONRecordCoding()
    ) {
        store = surroundings.store
        effects = StoreEffects(
            configuration: configuration,
            identity: MachineIdentity(instance: instance, boot: boot, userData: []),
            store: surroundings.store, files: MachineFiles(surroundings),
            staging: SimulatedDisk.staging, clock: surroundings.clock,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() },
            coding: coding, random: { surroundings.draw() })
    }

    package func carryOut(_ order: StoreOrder) async -> MachineAnswer {
        switch order.effect {
        case .readLedger: return answer(order, .ledger(await effects.readLedger()))
        case .heartbeat(let heartbeat, let attempt):
            var answer = answer(order, .heartbeatWritten)
            answer.isWritten = await effects.write(heartbeat, attempt: attempt)
            return answer
        case .commit(let commit):
            let result = await effects.commit(commit, order.candidate)
            return answer(order, .commit(commit.checkpoint, result))
        case .report(let report):
            return answer(order, .reported(await effects.report(report)))
        case .drop(let retired): return answer(order, .dropped(await effects.drop(retired)))
        case .step(let number, let step):
            return answer(order, .step(number, await result(of: step)))
        case .readNotice, .readProtection, .scan, .signal, .kill, .remember, .powerOff:
            return answer(order, .tick)
        }
    }

    private func answer(_ order: StoreOrder, _ event: AgentEvent) -> MachineAnswer {
        MachineAnswer(life: order.life, effect: order.effect, event: event)
    }

    private func result(of step: AgentStep) async -> StepResult {
        switch step {
        case .claim(let attempt, let ordinal, let retired):
            await effects.claim(attempt: attempt, ordinal: ordinal, retired: retired)
        case .fetchSpec(let reference): await effects.fetchSpec(reference)
        case .restore(let reference): await effects.restore(reference)
        case .quarantine(let id, let digest, let reason):
            await effects.quarantine(id, digest, reason: reason)
        case .setHead(let id): await effects.setHead(id)
        case .fetchSource(let source): await fetch(source)
        case .prepareWorkspace, .admit, .fetchMounts, .fetchSecrets, .setup, .findLocal, .start,
            .checkCompletion, .flushLogs:
            .done
        }
    }

    /// As `SourceUnpacker` answers; there is nothing to unpack.
    private func fetch(_ source: SourceArchive) async -> StepResult {
        let archive = SimulatedDisk.staging + "/source.tar.gz"
        do {
            try await store.download(
                source.key, to: archive, size: source.size, sha256: source.sha256)
            return .done
        } catch .corrupt(let key, let detail) {
            return .invalid("\(key): \(detail)")
        } catch {
            return .failed("\(error)")
        }
    }
}
