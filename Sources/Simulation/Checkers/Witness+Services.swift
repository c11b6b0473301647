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
        _ key: String, by process: ProcessID?, at now: Timestamp, _ cloud: SimulatedCloud
    ) {
        guard !key.hasPrefix(StoreLayout.heartbeats) else { return }
        if key.hasPrefix("runs/") {
            // Logs matter to nobody here.
            guard let place = CheckpointKey(key) else { return }
            quiet.changed(at: now)
            let store = store
            return report(
                checkpoints.wrote(place, { store.bytes(key, in: cloud) }, by: process, at: now))
        }
        quiet.changed(at: now)
        guard key.hasSuffix(".json") else { return }
        let bytes = store.bytes(key, in: cloud)
        report(growth.wrote(key, size: bytes.count, at: now))
        guard key.hasPrefix(StoreLayout.indexes), let run = StoreLayout.run(ofRecord: key),
            let process
        else { return }
        report(trainers.wroteIndex(of: run, by: process, at: now))
        let news = checkpoints.wroteIndex(
            of: run, RecordBytes(bytes: bytes, coding: checkpoints.coding), by: process, at: now)
        report(news.broken)
        for (id, writer) in news.committed where writer == process {
            guard let machine = writer.machine else { continue }
            report(trainers.committed(id, of: run, by: machine, at: now))
        }
    }

    mutating func deleted(_ key: String, by process: ProcessID?, at now: Timestamp) {
        quiet.changed(at: now)
        guard let place = CheckpointKey(key) else { return }
        report(checkpoints.deleted(place, by: process, at: now))
        guard let process, process.machine == nil else { return }
        report(
            reasons.took(.delete(place.run, place.id), by: process, on: place.run, at: now))
    }

    // MARK: Machines

    mutating func launched(
        _ instance: Instance, _ request: LaunchRequest, by process: ProcessID?, at now: Timestamp
    ) {
        quiet.changed(at: now)
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
        quiet.changed(at: now)
        guard let process, process.machine == nil else { return }
        let run = machines[machine]?.intent.run
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
        quiet.changed(at: event.at)
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
        quiet.changed(at: now)
        trainers.started(run, on: machine, at: now)
        checkpoints.started(run, on: machine, from: parent)
        growth.started(run)
        guard let launch = machines[machine], let newest = machines.newest[run],
            let rival = machines[newest]
        else { return }
        report(intents.started(on: machine, launch, newest: rival, at: now))
    }

    mutating func ended(on machine: InstanceID, _ status: ExitStatus?, at now: Timestamp) {
        quiet.changed(at: now)
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
                    isTraining: trainers.isAlive(on: id)))
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
