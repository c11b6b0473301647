import Checkpoints
import Planning
import Training

extension World {
    /// The world of a scenario at its beginning: nothing is declared, nobody runs.
    convenience init(of scenario: Scenario, using generator: inout SplitMix64) {
        let home = scenario.regions.first ?? "us-east-1"
        var cloud = SimulatedCloud(
            regions: scenario.regions, at: Scenario.start, seed: generator.next(),
            rules: scenario.rules)
        let location = Scenario.store
        cloud.s3.buckets[location.bucket] = SimulatedS3.Bucket(name: location.bucket, region: home)
        for plan in scenario.places {
            cloud[ec2: plan.region].place = plan.place
            for trace in plan.traces {
                for type in plan.spotTypes { cloud[ec2: plan.region].follow(trace, type: type) }
            }
        }
        for plan in scenario.pools {
            cloud[ec2: plan.region].setWeather(plan.weather, of: plan.pool)
        }
        self.init(
            cloud: cloud, bucket: SimulatedStore(location, region: home),
            repository: SimulatedRepository(),
            coding: InternedRecordCoding(seed: generator.next()), seed: generator.next())
        with { state in
            for run in scenario.workload { state.behaviours[run.spec.name] = run.trainer }
        }
    }

    /// A person approves a plan that the fuse holds back.
    func approve(_ plan: Plan) {
        change(ScopeRecord.self, at: StoreLayout.scope, .approved(plan: plan.id)) { scope, now in
            scope.approve(plan.id, at: plan.revision, now: now)
            return true
        }
    }

    /// A person lets a run go on; one whose attempt is open again needs nobody.
    func resume(_ run: RunName) {
        change(Ledger.self, at: StoreLayout.ledger(run), .disturbed) { ledger, now in
            guard let last = ledger.attempts.last, last.closure != nil else { return false }
            ledger.operatorResume = Ledger.OperatorResume(at: now, afterAttempt: last.number)
            return true
        }
    }

    /// A person changes a record once, from a desk of their own; `fact` happens when that is done.
    private func change<Record: SwappedRecord>(
        _ type: Record.Type, at key: String, _ fact: WorldFact,
        _ body: @escaping @Sendable (inout Record, Timestamp) -> Bool
    ) {
        let process = with { state in
            let life = (state.reconcilerLives[0] ?? 0) + 1
            state.reconcilerLives[0] = life
            let process = ProcessID.reconciler(0, life: life)
            state.lives[process] = Life()
            return process
        }
        let records = RecordStore(
            WorldStore(world: self, process: process), writer: process.description,
            coding: coding)
        Task(executorPreference: lane) {
            defer { self.with { $0.lives[process] = nil } }
            guard case .record(let base) = try? await records.read(type, at: key) else { return }
            var record = base.record
            guard body(&record, self.with(\.now)),
                case .done = try? await records.swap(record, at: key, replacing: base)
            else { return }
            self.with { $0.note(fact, by: nil) }
        }
    }
}

extension Scenario {
    static let store: S3Location = {
        guard let location = S3Location("s3://holdfast-state/research") else {
            preconditionFailure("a legal location")
        }
        return location
    }()

    /// What every reconciler of the scenario is told.
    func context(_ bucket: SimulatedStore) -> FleetContext {
        FleetContext(
            scope: policy.scope, store: bucket.identity, storeURL: bucket.location.description,
            storeRegion: bucket.region, regions: [], pace: .remote,
            cloud: CloudContext(agent: Digest(of: "agent"), defaultRegion: regions.first))
    }
}
