import Training

/// Supply that refused a launch a short while ago: it is left alone until it may have recovered.
///
/// Read from the ledgers of all runs, so that a new process knows as much as the old one.
struct RefusedSupply {
    /// Karpenter leaves a dry pool alone for as long (`pkg/cache`, 3 minutes).
    static let poolRest: Seconds = .minutes(3)
    static let subnetRest: Seconds = .minutes(3)
    /// A quota counts machines for a while after they have ended.
    static let quotaRest: Seconds = .minutes(10)
    private static let longestRest = max(poolRest, subnetRest, quotaRest)

    private struct Quota: Hashable {
        var region: String
        var family: Substring
        var market: Market
    }

    /// How long an offering is left alone, and what a person would have to mend.
    struct Rest: Hashable {
        /// What no other pool cures goes before what recovers by itself.
        var kind: Launch.Refusal.Kind
        var until: Timestamp
    }

    private var pools: [CapacityPool: Timestamp] = [:]
    private var subnets: [String: Timestamp] = [:]
    private var quotas: [Quota: Timestamp] = [:]

    init() {}

    init(from runs: [RunName: ObservedRun], at now: Timestamp) {
        for ledger in runs.values.lazy.compactMap(\.ledger) {
            // By place: few were refused lately, and an attempt is large to copy.
            for attempt in ledger.attempts.indices.suffix(2) {
                for launch in ledger.attempts[attempt].launches.indices {
                    guard let refusal = ledger.attempts[attempt].launches[launch].refusal,
                        refusal.at + RefusedSupply.longestRest > now
                    else { continue }
                    take(refusal, of: ledger.attempts[attempt].launches[launch], in: ledger)
                }
                guard let closure = ledger.attempts[attempt].closure,
                    closure.outcome == .interrupted, closure.at + RefusedSupply.poolRest > now
                else { continue }
                takeInterruption(of: ledger.attempts[attempt], at: closure.at, in: ledger)
            }
        }
        pools = pools.filter { now < $0.value }
        subnets = subnets.filter { now < $0.value }
        quotas = quotas.filter { now < $0.value }
    }

    /// When an offering may be asked for again, and why not before; nil: now.
    func rest(of offering: Offering) -> Rest? {
        longest(rests(of: offering.pool) + [(.subnet, subnets[offering.subnet])])
    }

    /// When a stopped machine that was launched by `request` may be started again; nil: now.
    ///
    /// It has kept its address: a full subnet is no matter.
    func rest(of request: LaunchRequest) -> Rest? {
        request.pool.flatMap { longest(rests(of: $0)) }
    }

    private typealias Resting = (kind: Launch.Refusal.Kind, until: Timestamp?)

    private func rests(of pool: CapacityPool) -> [Resting] {
        let quota = Quota(region: pool.region, family: pool.family, market: pool.market)
        return [(.quota, quotas[quota]), (.capacity, pools[pool])]
    }

    private func longest(_ rests: [Resting]) -> Rest? {
        let resting = rests.filter { $0.until != nil }
        guard let first = resting.first, let until = resting.compactMap(\.until).max() else {
            return nil
        }
        return Rest(kind: first.kind, until: until)
    }

    private mutating func take(
        _ refusal: Launch.Refusal, of launch: Launch, in ledger: Ledger
    ) {
        guard let request = ledger.request(behind: launch), let pool = request.pool,
            let subnet = request.machine?.subnet
        else { return }
        switch refusal.kind {
        case .capacity: pools.raise(pool, to: refusal.at + RefusedSupply.poolRest)
        case .subnet: subnets.raise(subnet, to: refusal.at + RefusedSupply.subnetRest)
        case .quota:
            quotas.raise(
                Quota(region: pool.region, family: pool.family, market: pool.market),
                to: refusal.at + RefusedSupply.quotaRest)
        case .ended, .rejected: break
        }
    }

    /// A pool that took a machine away is short of capacity, too.
    private mutating func takeInterruption(
        of attempt: Attempt, at moment: Timestamp, in ledger: Ledger
    ) {
        guard let launch = attempt.launches.last,
            let pool = ledger.request(behind: launch)?.pool, pool.market == .spot
        else { return }
        pools.raise(pool, to: moment + RefusedSupply.poolRest)
    }
}

extension Dictionary where Value == Timestamp {
    fileprivate mutating func raise(_ key: Key, to moment: Timestamp) {
        self[key] = Swift.max(self[key] ?? moment, moment)
    }
}
