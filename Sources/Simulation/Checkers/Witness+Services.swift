import Checkpoints
import Planning
package import Training

/// What the facts about EC2 and S3 mean to the checkers.
extension Witness {
    mutating func read(
        _ reading: WorldFact.Reading, isWhole: Bool, by process: ProcessID, at now: Timestamp,
        _ cloud: SimulatedCloud
    ) {
        reads.read(reading, isWhole: isWhole, by: process)
        if reading == WholeReads.beginning {
            quiet.beganLook(process, at: now)
        } else if case .machine(let id) = reading, isWhole,
            let tags = cloud.machine(id)?.tags
        {
            foreign.looked(at: id, tags: tags, launch: machines[id], by: process, at: now)
        }
    }

    // MARK: Objects

    mutating func wrote(
        _ key: String, _ etag: ETag, by process: ProcessID?, at now: Timestamp,
        _ cloud: SimulatedCloud
    ) {
        guard !key.hasPrefix(StoreLayout.heartbeats) else { return }
        if key.hasPrefix(StoreLayout.runs) {
            // Logs matter to nobody here.
            guard let place = CheckpointKey(key) else { return }
            quiet.changed(place.run, at: now)
            let manifest = { [self] in record(CheckpointManifest.self, key, cloud) }
            return report(checkpoints.wrote(place, etag, manifest, by: process, at: now))
        }
        quiet.changed(StoreLayout.run(ofRecord: key), at: now)
        if key.hasPrefix(StoreLayout.ledgers) {
            report(record(Ledger.self, key, cloud).flatMap { growth.wrote($0, at: now) })
        } else if key == StoreLayout.scope {
            report(record(ScopeRecord.self, key, cloud).flatMap { growth.wrote($0, at: now) })
        } else if key.hasPrefix(StoreLayout.indexes),
            let index = record(RunIndex.self, key, cloud)
        {
            report(growth.wrote(index, at: now))
            if let process { wrote(index, by: process, at: now) }
        }
    }

    private mutating func wrote(_ index: RunIndex, by process: ProcessID, at now: Timestamp) {
        report(trainers.wroteIndex(of: index.run, by: process, at: now))
        let news = checkpoints.wroteIndex(index, by: process, at: now)
        report(news.broken)
        for (id, uploader) in news.committed where uploader == process {
            guard let machine = uploader.machine else { continue }
            report(trainers.committed(id, of: index.run, by: machine, at: now))
        }
    }

    private func record<Record: Decodable & Sendable>(
        _ type: Record.Type, _ key: String, _ cloud: SimulatedCloud
    ) -> Record? {
        try? coding.decode(type, from: store.bytes(key, in: cloud))
    }

    mutating func deleted(_ key: String, by process: ProcessID?, at now: Timestamp) {
        let place = CheckpointKey(key)
        quiet.changed(place?.run ?? StoreLayout.run(ofRecord: key), at: now)
        guard let place else { return }
        report(checkpoints.deleted(place, by: process, at: now))
        guard let process, process.machine == nil else { return }
        report(
            reasons.took(.delete(place.run, place.id), by: process, on: place.run, at: now))
    }

    // MARK: Machines

    mutating func launched(
        _ instance: Instance, _ request: LaunchRequest, by process: ProcessID?, at now: Timestamp
    ) {
        quiet.changed(request.tags[Tag.run].flatMap { RunName($0) }, at: now)
        guard let intent = LaunchIntent(tags: request.tags, scope: scope) else { return }
        machines.launched(instance.id, intent, in: instance.region)
        report(intents.launched(instance.id, intent, at: now))
        guard let process else { return }
        let launch = Reasons.Effect.launch(token: request.clientToken)
        report(reasons.took(launch, by: process, on: intent.run, at: now))
    }

    mutating func ordered(
        _ verb: PortCall.ComputeVerb, _ machine: InstanceID, by process: ProcessID?,
        at now: Timestamp, _ cloud: SimulatedCloud
    ) {
        let run = machines[machine]?.intent.run
        quiet.changed(run, at: now)
        guard let process, process.machine == nil else { return }
        report(reasons.took(.order(verb, machine), by: process, on: run, at: now))
        report(foreign.ordered(verb, machine, by: process, at: now))
        guard let run, trainers.isAlive(on: machine) else { return }
        let order = Gate.Order(
            verb: verb, machine: machine, run: run,
            isClaimant: trainers.claimant(of: run)?.machine == machine,
            policies: policies[run] ?? [], lastSign: store.lastSign(of: run, in: cloud))
        report(gate.ordered(order, at: now))
    }

    mutating func befell(_ event: CloudEvent) {
        quiet.changed(machines[event.instance]?.intent.run, at: event.at)
        switch event.kind {
        case .booted(let boot): machines.booted(event.instance, boot: boot)
        case .powerCut(let state):
            ended(on: event.instance, nil, at: event.at)
            guard state == .terminated else { return }
            machines.terminated(event.instance, at: event.at)
            gate.ended(event.instance)
        default: return
        }
    }

    mutating func started(
        _ run: RunName, on machine: InstanceID, from parent: CheckpointID?, at now: Timestamp
    ) {
        quiet.changed(run, at: now)
        trainers.started(run, on: machine, at: now)
        checkpoints.started(run, on: machine, from: parent)
        growth.started(run)
        guard let launch = machines[machine], let newest = machines.newest[run],
            let rival = machines[newest]
        else { return }
        report(intents.started(on: machine, launch, newest: rival, at: now))
    }

    mutating func ended(on machine: InstanceID, _ status: ExitStatus?, at now: Timestamp) {
        quiet.changed(machines[machine]?.intent.run, at: now)
        if let run = machines[machine]?.intent.run { convergence.ended(run, status) }
        trainers.ended(on: machine)
        checkpoints.ended(on: machine)
    }

    // MARK: The end

    /// What has not converged, or grew beyond its bounds, in a world that had the time for it.
    package func unconverged(in cloud: SimulatedCloud, at now: Timestamp) -> [BrokenPromise] {
        guard let fleet, let plan = lastPlan else { return [] }
        let specs = Dictionary(fleet.runs.map { ($0.spec.name, $0.spec) }) { first, _ in first }
        var up: [RunName: [Convergence.Machine]] = [:]
        for id in machines.alive {
            guard let known = machines[id], let machine = cloud.machine(id),
                machine.state == .pending || machine.state == .running
            else { continue }
            up[known.intent.run, default: []].append(
                Convergence.Machine(
                    id: id, digest: machine.tags[Tag.digest], isFresh: known.boots <= 1,
                    isTraining: trainers.isAlive(on: id),
                    isOurs: machine.tags[Tag.scope] == scope))
        }
        let late = Set(specs.keys).union(up.keys).sorted().compactMap { run -> BrokenPromise? in
            let reasons = plan.inactions.filter { $0.run == run }.map(\.reason)
            let fault = convergence.fault(of: run, specs[run], up: up[run] ?? [], reasons)
            return fault.map { why in
                let told = reasons.map(\.code).joined(separator: ", ")
                return BrokenPromise(
                    .convergence, at: now, run: run, told.isEmpty ? why : "\(why) (\(told))")
            }
        }
        let list = { prefix in store.keys(below: prefix, in: cloud) }
        return late + growth.audit(fleet, list, at: now)
    }
}

extension SimulatedCloud {
    fileprivate func machine(_ id: InstanceID) -> SimulatedInstance? {
        for region in regions.values {
            if let machine = region.instances[id] { return machine }
        }
        return nil
    }
}

extension SimulatedStore {
    fileprivate func bytes(_ key: String, in cloud: SimulatedCloud) -> [UInt8] {
        guard case .object(let object) = try? get(key, limit: .max, unless: nil, from: cloud.s3)
        else { return [] }
        return object.bytes
    }

    fileprivate func keys(below prefix: String, in cloud: SimulatedCloud) -> [String] {
        ((try? list(prefix: prefix, limit: .max, in: cloud.s3)) ?? []).map(\.key)
    }

    fileprivate func lastSign(of run: RunName, in cloud: SimulatedCloud) -> Timestamp? {
        let beats = try? list(
            prefix: StoreLayout.heartbeats + run.text + "/", limit: .max, in: cloud.s3)
        return beats?.map(\.lastModified).max()
    }
}
