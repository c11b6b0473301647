import Checkpoints
import Planning
import Training

/// Performs effects with the ports and gives their outcomes back as events.
///
/// Decides nothing: the simulator does not run it, so it stays small enough to review by eye.
struct EffectRunner: Sendable {
    static let archiveLimit = 256 << 20
    static let answerTries = 5

    let source: any FleetSource
    let providers: any InstanceProviders
    let records: RecordStore
    let observer: Observer

    /// Performs one effect; nil for those that the loop handles itself.
    func perform(_ effect: ReconcilerEffect) async -> ReconcilerEvent? {
        switch effect {
        case .observe:
            do {
                return .observed(.success(try await observer.observe()))
            } catch {
                return .observed(.failure(error))
            }
        case .fetch(let applied):
            do {
                return .fetched(.success(try await source.fetch(since: applied)))
            } catch {
                return .fetched(.failure(error))
            }
        case .loadSpecs(let runs):
            do {
                return .specsLoaded(.success(try await observer.load(runs)))
            } catch {
                return .specsLoaded(.failure(error))
            }
        case .writeScope(let scope, let specs):
            return .scopeWritten(await write(scope, publishing: specs))
        case .perform(let id, let step, let run, let sequence):
            return .stepEnded(id, await perform(step, of: run, sequence))
        case .recordAnswer(let id, let run, let attempt, let ordinal, let answer):
            return .stepEnded(id, await record(answer, run, attempt, ordinal))
        case .wake, .report, .finish:
            return nil
        }
    }

    // MARK: Scope and specs

    private func write(_ scope: ScopeRecord, publishing specs: [RunSpec]) async -> WriteOutcome {
        do {
            for spec in specs { try await publish(spec) }
            let base = await observer.versionedScope()
            guard (base?.record.serial ?? 0) == scope.serial else { return .conflict }
            switch try await records.swap(scope, at: StoreLayout.scope, replacing: base) {
            case .done(let written):
                await observer.written(written)
                return .written
            case .conflict:
                return .conflict
            }
        } catch {
            return .failed(error.description)
        }
    }

    private func publish(_ spec: RunSpec) async throws(RecordFailure) {
        try await records.publish(encoding: spec, at: spec.reference.key)
    }

    // MARK: Steps

    private func perform(_ step: Step, of run: RunName, _ sequence: Int) async -> StepOutcome {
        do {
            let current = try await observer.readScope()?.applied?.sequence ?? 0
            guard current == sequence else {
                return .stale("a newer revision was applied meanwhile")
            }
        } catch {
            return .failed(error.description)
        }
        switch step {
        case .archiveSource(let tree): return await archive(tree)
        case .resolve(let query): return await resolve(query)
        case .readConsole(let id, let region): return await console(id, region)
        case .storeSpec(_, let spec):
            return await outcome { () throws(RecordFailure) in
                try await publish(spec)
            }
        case .storeHistory(let attempt):
            return await outcome { () throws(RecordFailure) in
                let key = StoreLayout.history(run, attempt: attempt.number)
                try await records.publish(encoding: attempt, at: key)
                // Nobody asks for its sign of life any more; a lost deletion costs nothing.
                let beat = StoreLayout.heartbeat(run, attempt: attempt.number, node: 0)
                try? await records.store.delete(beat)
            }
        case .updateLedger(let ledger): return await swap(ledger)
        case .launch(let request, _, _): return await launch(request)
        case .start(let id, let precondition, _, _): return await start(id, precondition)
        case .stop(let id, let precondition):
            return await touch(id, precondition) { provider throws(ProviderFailure) in
                try await provider.stop(id)
            }
        case .terminate(let id, let precondition):
            return await touch(id, precondition) { provider throws(ProviderFailure) in
                try await provider.terminate(id)
            }
        case .deleteCheckpoint(let id): return await delete(id, of: run)
        }
    }

    private func outcome(
        _ body: () async throws(RecordFailure) -> Void
    ) async -> StepOutcome {
        do {
            try await body()
            return .done
        } catch {
            return .failed(error.description)
        }
    }

    private func archive(_ tree: String) async -> StepOutcome {
        do {
            let bytes = try await source.archive(tree: tree, limit: EffectRunner.archiveLimit)
            let sha256 = Digest(of: bytes)
            let key = StoreLayout.source(tree: tree, sha256: sha256)
            try await records.publish(bytes, at: key)
            return .archived(
                SourceArchive(tree: tree, key: key, sha256: sha256, size: bytes.count))
        } catch let failure as SourceFailure {
            return .failed(failure.description)
        } catch let failure as RecordFailure {
            return .failed(failure.description)
        } catch {
            return .failed("the source could not be archived")
        }
    }

    private func resolve(_ query: PlacementQuery) async -> StepOutcome {
        do {
            let placement = try await providers[query.region].placement(for: query)
            return .resolved(query, .placement(placement))
        } catch .unsupported(let why) {
            return .resolved(query, .impossible(why))
        } catch {
            return .resolved(query, .unknown(error.description))
        }
    }

    /// A console that cannot be read holds nothing up.
    private func console(_ id: InstanceID, _ region: String) async -> StepOutcome {
        do {
            let output = try await providers[region].consoleOutput(of: id) ?? []
            return .console(id, ConsoleText.end(of: output))
        } catch {
            return .console(id, "the console cannot be read: \(error)")
        }
    }

    private func swap(_ ledger: Ledger) async -> StepOutcome {
        let base = await observer.ledger(of: ledger.run)
        guard (base?.record.serial ?? 0) == ledger.serial else {
            return .stale("the ledger of \(ledger.run) was changed meanwhile")
        }
        return await swap(ledger, replacing: base)
    }

    private func swap(_ ledger: Ledger, replacing base: Versioned<Ledger>?) async -> StepOutcome {
        do {
            let key = StoreLayout.ledger(ledger.run)
            switch try await records.swap(ledger, at: key, replacing: base) {
            case .done(let written):
                await observer.written(written)
                return .done
            case .conflict:
                return .stale("another reconciler changed the ledger of \(ledger.run)")
            }
        } catch {
            return .failed(error.description)
        }
    }

    private func launch(_ request: LaunchRequest) async -> StepOutcome {
        do {
            return .answered(.machine(try await providers[request.region].launch(request).id))
        } catch {
            switch error {
            case .noCapacity(let detail): return .answered(.refused(.capacity, detail))
            case .subnetFull(let detail): return .answered(.refused(.subnet, detail))
            case .quota(let detail): return .answered(.refused(.quota, detail))
            case .notSent: return .failed(error.description)
            case .instanceTerminated: return .answered(.refused(.ended, error.description))
            case .parametersMismatch, .rejected:
                return .answered(.refused(.rejected, error.description))
            case .unanswered(let detail): return .answered(.unanswered(detail))
            }
        }
    }

    /// A refusal is an answer, as a launch's is.
    private func start(_ id: InstanceID, _ precondition: InstancePrecondition) async -> StepOutcome
    {
        var refused: LaunchAnswer?
        let outcome = await touch(id, precondition) { provider throws(ProviderFailure) in
            do throws(ProviderFailure) {
                try await provider.start(id)
            } catch {
                switch error {
                case .noCapacity(let detail): refused = .refused(.capacity, detail)
                case .quota(let detail): refused = .refused(.quota, detail)
                default: break
                }
                throw error
            }
        }
        return refused.map { .answered($0) } ?? outcome
    }

    /// The answer must not be lost to a racing writer: it is applied to what stands there now.
    private func record(
        _ answer: LaunchAnswer, _ run: RunName, _ attempt: Int, _ ordinal: Int
    ) async -> StepOutcome {
        for _ in 0..<EffectRunner.answerTries {
            do {
                let key = StoreLayout.ledger(run)
                guard case .record(let base) = try await records.read(Ledger.self, at: key),
                    let now = try? await records.store.serverTime()
                else { return .failed("the ledger of \(run) cannot be read") }
                var ledger = base.record
                guard answer.apply(to: &ledger, attempt: attempt, ordinal: ordinal, at: now)
                else { return .stale("launch \(ordinal) of \(run) is not open any more") }
                guard ledger != base.record else { return .done }
                let outcome = await swap(ledger, replacing: base)
                if case .stale = outcome { continue }
                return outcome
            } catch {
                return .failed(error.description)
            }
        }
        return .failed("the ledger of \(run) is contended")
    }

    /// Reads the machine again, and touches it only if it is still what the plan saw.
    private func touch(
        _ id: InstanceID, _ precondition: InstancePrecondition,
        _ body: (any InstanceProvider) async throws(ProviderFailure) -> Void
    ) async -> StepOutcome {
        do {
            let provider = providers[precondition.region]
            let instance = try await provider.describe(instance: id)
            if let violation = precondition.violation(by: instance) { return .stale(violation) }
            try await body(provider)
            return .done
        } catch {
            return .failed(error.description)
        }
    }

    /// The manifest first: what is left after a crash is not a checkpoint any more.
    private func delete(_ id: CheckpointID, of run: RunName) async -> StepOutcome {
        do {
            try await records.store.delete(StoreLayout.manifest(run, id))
            let files = try await records.store.list(
                prefix: StoreLayout.checkpoint(run, id), limit: CheckpointManifest.fileLimit)
            for file in files { try await records.store.delete(file.key) }
            return .done
        } catch {
            return .failed(error.description)
        }
    }
}
