import Training

/// Whom faults strike, and what they do to programs and objects.
extension WorldState {
    /// The newest machine of a run that has not been terminated, and its region.
    func machine(of run: RunName) -> (id: InstanceID, region: String)? {
        let machines = cloud.regions.values.flatMap { region in
            region.instances.values.filter { !$0.hasEnded && $0.tags[Tag.run] == run.text }
                .map { (machine: $0, region: region.region) }
        }
        let newest = machines.max { a, b in
            (a.machine.launchTime, a.machine.id) < (b.machine.launchTime, b.machine.id)
        }
        return newest.map { ($0.machine.id, $0.region) }
    }

    /// The living process of a program.
    func process(of program: Fault.Program) -> ProcessID? {
        switch program {
        case .reconciler(let number): return process(ofReconciler: number)
        case .agent(let run):
            guard let place = machine(of: run).flatMap({ hosts.place(of: $0.id) }) else {
                return nil
            }
            let process = hosts.list[place].process
            return lives[process]?.isDead == false ? process : nil
        }
    }

    /// Where on the network a program is; nil: its run has no machine.
    func side(of program: Fault.Program) -> Network.Cut.Side? {
        switch program {
        case .reconciler(let number): .reconciler(number)
        case .agent(let run): machine(of: run).map { .machine($0.id) }
        }
    }

    mutating func freeze(_ process: ProcessID, until end: Timestamp) {
        lives[process]?.frozenUntil = end
        guard let machine = process.machine else { return }
        touch(machine) { $0.freeze(until: end, processes: false, at: $1) }
    }

    mutating func setClock(of process: ProcessID, ahead milliseconds: Int64) {
        lives[process]?.clockOffset = milliseconds
        guard let machine = process.machine else { return }
        touch(machine) { machine, _ in machine.clockOffset = milliseconds }
    }

    /// The machines of each run have these ailments from now on.
    mutating func setAilments(_ all: [RunName: Set<SimulatedMachine.Ailment>]) {
        guard ailments != all else { return }
        ailments = all
        for (id, run) in hosts.list.map({ ($0.machine.id, $0.configuration.run) }) {
            touch(id) { $0.suffer(all[run] ?? [], at: $1) }
        }
    }

    /// Flips a bit of a file of the newest checkpoint of a run.
    mutating func rot(_ run: RunName) -> Bool {
        let prefix = StoreLayout.checkpoints(run)
        let files = try? bucket.list(prefix: prefix, limit: .max, in: cloud.s3)
        guard let key = files?.last(where: { !$0.key.hasSuffix("/MANIFEST.json") })?.key,
            let place = try? bucket.place(of: key)
        else { return false }
        cloud.s3.damage(bucket.location.bucket, place) {
            if !$0.isEmpty { $0[0] ^= 1 }
        }
        return true
    }

    /// Puts more in the place of a run's index than anybody reads, and gives what stood there.
    mutating func bloat(_ run: RunName) -> SimulatedS3.Object? {
        let key = StoreLayout.index(run)
        guard let place = (try? bucket.place(of: key)).map(SimulatedS3.Key.init),
            let index = cloud.s3.buckets[bucket.location.bucket]?.objects[place]
        else { return nil }
        var object = index
        object.content = StoredContent(
            Array(repeating: UInt8(ascii: " "), count: CanonicalJSON.maximumSize + 1))
        object.etag = "bloated"
        cloud.s3.buckets[bucket.location.bucket]?.objects[place] = object
        touchFolder(of: key)
        return index
    }

    /// Puts an index back in its place.
    mutating func restore(_ index: SimulatedS3.Object) {
        cloud.s3.buckets[bucket.location.bucket]?.objects[SimulatedS3.Key(index.key)] = index
        touchFolder(of: StoreLayout.indexes)
    }
}

extension Fault.Kind {
    /// The program that it strikes.
    var program: Fault.Program? {
        switch self {
        case .crash(let program, _, _, _), .freeze(let program), .drift(let program, _): program
        case .cut(let program, _): program
        default: nil
        }
    }
}
