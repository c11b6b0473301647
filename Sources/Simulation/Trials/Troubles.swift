import Training

/// The faults that are in force in a world, and what it takes to end them.
struct Troubles {
    /// A fault in force, and whom it struck: runs get other machines meanwhile.
    private struct Trouble {
        var fault: Fault
        var side: Network.Cut.Side?
        var process: ProcessID?
        /// What comes back in the end.
        var object: SimulatedS3.Object?
    }

    /// How often faults that must be kept up are.
    static let tick: Seconds = 10

    private var active: [Int: Trouble] = [:]
    /// The bucket, while it is gone.
    private var bucket: SimulatedS3.Bucket?
    private let usualBoot: ClosedRange<Int64>

    init(usualBoot: ClosedRange<Int64>) {
        self.usualBoot = usualBoot
    }

    /// Lets a fault strike; false where there is nothing that it could strike.
    mutating func strike(_ number: Int, _ fault: Fault, in state: inout WorldState) -> Bool {
        var trouble = Trouble(fault: fault, side: .everybody)
        if let program = fault.kind.program {
            trouble.side = state.side(of: program)
            trouble.process = state.process(of: program)
        }
        // A crash may wait for a program that does not run yet.
        guard trouble.side != nil || fault.kind.isCrash, take(&trouble, in: &state) else {
            return false
        }
        if fault.span > 0 { active[number] = trouble }
        keepUp(number, in: &state)
        weigh(&state)
        state.changed()
        return true
    }

    /// Ends a fault that lasted.
    mutating func cease(_ number: Int, in state: inout WorldState) {
        guard let trouble = active.removeValue(forKey: number) else { return }
        switch trouble.fault.kind {
        case .drift: if let process = trouble.process { state.setClock(of: process, ahead: 0) }
        case .bloat:
            guard let index = trouble.object else { break }
            bucket?.objects[SimulatedS3.Key(index.key)] = index
            state.restore(index)
        case .bucketGone:
            if let bucket { state.cloud.s3.buckets[bucket.name] = bucket }
            bucket = nil
        case .fullSubnets(let region, _): state.cloud[ec2: region].giveAddressesBack()
        case .throttle(let region): state.cloud[ec2: region].setExhausted(false)
        case .drought(let region): state.cloud[ec2: region].endDrought()
        case .spike(let region, _): state.cloud[ec2: region].multiplySpotPrices(by: 1)
        default: break
        }
        weigh(&state)
        state.changed()
    }

    /// Ends all of them, and what was still to come of them.
    mutating func ceaseAll(in state: inout WorldState) {
        for number in active.keys.sorted() { cease(number, in: &state) }
        state.deathsToCome = [:]
    }

    /// Whether a fault needs its ticks.
    func isKeptUp(_ number: Int) -> Bool {
        switch active[number]?.fault.kind {
        case .failedBoot: true
        default: false
        }
    }

    func keepUp(_ number: Int, in state: inout WorldState) {
        switch active[number]?.fault.kind {
        case .failedBoot(let region): state.cloud[ec2: region].failPendingLaunches()
        default: break
        }
    }

    // MARK: The beginning

    private mutating func take(_ trouble: inout Trouble, in state: inout WorldState) -> Bool {
        let fault = trouble.fault
        switch fault.kind {
        case .crash(let program, let call, let kind, let isAfterEffect):
            let death = Death(call: call, kind: kind, isAfterEffect: isAfterEffect)
            state.deathsToCome[program, default: []].append(death)
        case .freeze:
            guard let process = trouble.process else { return false }
            state.freeze(process, until: state.now + fault.span)
        case .drift(_, let offset):
            guard let process = trouble.process else { return false }
            state.setClock(of: process, ahead: offset)
        case .bloat(let run):
            trouble.object = state.bloat(run)
            return trouble.object != nil
        case .fullSubnets(let region, let left):
            state.cloud[ec2: region].takeAddresses(butFor: left)
        case .bucketGone:
            guard bucket == nil else { return false }
            bucket = state.cloud.s3.buckets.removeValue(forKey: state.bucket.location.bucket)
        case .throttle(let region): state.cloud[ec2: region].setExhausted(true)
        case .drought(let region): state.cloud[ec2: region].beginDrought()
        case .spike(let region, let factor):
            state.cloud[ec2: region].multiplySpotPrices(by: factor)
        case .rot(let run): return state.rot(run)
        case .interrupt(let run, _), .rebalance(let run), .maintenance(let run),
            .powerCut(let run), .console(let run, _):
            guard let (id, region) = state.machine(of: run) else { return false }
            return state.cloud[ec2: region].befall(id, fault.kind)
        case .cut, .loss, .slowness, .slowBoot, .failedBoot, .denied, .blind, .unsaved,
            .fullDisk:
            break
        }
        return true
    }

    // MARK: What all of them together make of the world

    private func weigh(_ state: inout WorldState) {
        var network = Network()
        var ailments: [RunName: Set<SimulatedMachine.Ailment>] = [:]
        for region in state.cloud.regions.keys {
            state.cloud[ec2: region].rules.boot = usualBoot
            state.cloud[ec2: region].refusals = SimulatedEC2.Refusals()
        }
        for (number, trouble) in active.sorted(by: { $0.key < $1.key }) {
            switch trouble.fault.kind {
            case .cut(_, let service):
                network.cuts[number] = trouble.side.map { Network.Cut($0, from: service) }
            case .loss(let requests, let replies):
                network.requestLoss = max(network.requestLoss, requests)
                network.replyLoss = max(network.replyLoss, replies)
            case .slowness(let share): network.slowShare = max(network.slowShare, share)
            case .slowBoot(let region):
                state.cloud[ec2: region].rules.boot = 300_000...1_200_000
            case .denied(let region, let denial): state.cloud[ec2: region].deny(denial)
            case .blind(let run): ailments[run, default: []].insert(.blind)
            case .unsaved(let run): ailments[run, default: []].insert(.unsaved)
            case .fullDisk(let run): ailments[run, default: []].insert(.fullDisk)
            default: break
            }
        }
        state.network = network
        state.setAilments(ailments)
    }
}
