import Training

/// Where the next machine is asked for: the regions' offerings, less what was refused just now.
extension RunSituation {
    enum Site {
        /// The embedded provider: all machines are alike.
        case here
        case offering(Offering, MachineImage, Profile)
        /// These regions must be asked first.
        case ask([PlacementQuery])
        case none(InactionReason)

        var offering: Offering? {
            if case .offering(let offering, _, _) = self { offering } else { nil }
        }
    }

    func site(for spec: RunSpec) -> Site {
        guard let cloud = context.cloud else { return .here }
        if let machine = shared.elsewhere[name] { return .none(.held(.storeChanged(machine))) }
        let profile: Profile
        switch self.profile(of: spec, cloud) {
        case .success(let found): profile = found
        case .failure(let missing): return .none(.held(missing.reason))
        }
        let all = queries(spec, profile)
        let queries = all.filter { shared.unknownRegions[$0.region] == nil }
        guard !queries.isEmpty else {
            return .none(
                .unknown(all.lazy.compactMap { shared.unknownRegions[$0.region] }.first ?? ""))
        }
        let unanswered = queries.filter { query in
            shared.placements[query].map {
                now.since($0.at) >= ObservedPlacement.lifetime
            } ?? true
        }
        guard unanswered.isEmpty else { return .ask(unanswered) }
        return choose(queries, spec, profile)
    }

    // MARK: The questions

    private struct Missing: Error {
        var reason: HoldReason
    }

    private func profile(
        of spec: RunSpec, _ cloud: CloudContext
    ) -> Result<Profile, Missing> {
        if let name = spec.profile {
            guard let profile = shared.profiles[name] else {
                return .failure(Missing(reason: .noProfile(name)))
            }
            return .success(profile)
        }
        let named = spec.resources.choices.lazy.compactMap(\.region).first
        guard let region = named ?? cloud.defaultRegion else {
            return .failure(Missing(reason: .noRegion))
        }
        return .success(Profile(name: "", region: region))
    }

    /// One question for each region, in the order in which the manifest names them.
    private func queries(_ spec: RunSpec, _ profile: Profile) -> [PlacementQuery] {
        let resources = spec.resources
        var markets: [Market] = [spec.market]
        if spec.market == .spot || resources.choices.contains(where: { $0.market == .spot }) {
            // Spot is measured against the price on demand, and may fall back to it.
            markets = [.spot, .onDemand]
        }
        var queries: [PlacementQuery] = []
        for choice in resources.choices.isEmpty ? [MachineChoice()] : resources.choices {
            let region = choice.region ?? profile.region
            if let position = queries.firstIndex(where: { $0.region == region }) {
                queries[position].choices.append(choice)
                continue
            }
            let isHome = region == profile.region
            queries.append(
                PlacementQuery(
                    region: region, zones: isHome ? profile.zones : [],
                    subnets: isHome ? profile.subnets : [],
                    image: resources.image ?? profile.image, choices: [choice],
                    markets: markets))
        }
        return queries
    }

    // MARK: The choice

    private struct Candidate {
        var offering: Offering
        var image: MachineImage
        /// Lower is better, before the price.
        var rank: Int
    }

    private func choose(
        _ queries: [PlacementQuery], _ spec: RunSpec, _ profile: Profile
    ) -> Site {
        var candidates: [Candidate] = []
        var trouble: [String] = []
        var isLasting = true
        for query in queries {
            switch shared.placements[query]?.answer {
            case .placement(let placement):
                candidates += placement.offerings.compactMap { offering in
                    candidate(offering, placement.image, query, spec)
                }
            case .impossible(let why): trouble.append("\(query.region): \(why)")
            case .unknown(let why):
                trouble.append("\(query.region): \(why)")
                isLasting = false
            case nil: break
            }
        }
        guard !candidates.isEmpty else {
            let why =
                trouble.isEmpty ? "no zone offers such a machine" : trouble.joined(separator: "; ")
            return .none(isLasting ? .held(.noOffering(why)) : .unknown(why))
        }
        let affordable = candidates.filter { isAffordable($0.offering, spec) }
        guard !affordable.isEmpty else { return .none(tooExpensive(candidates, spec)) }
        let free = affordable.filter { shared.refused.rest(of: $0.offering) == nil }
        guard let best = free.min(by: { isBetter($0, $1, spec) }) else {
            return .none(refused(affordable.map(\.offering)))
        }
        let image = frozenImage(best, spec, profile) ?? best.image
        return .offering(best.offering, image, profile)
    }

    /// A limit that stops every pool is told as that: no other machine would help.
    private func refused(_ offerings: [Offering]) -> InactionReason {
        let rests = offerings.compactMap { shared.refused.rest(of: $0) }
        let until = rests.map(\.until).min() ?? now
        switch Set(rests.map(\.kind)) {
        case [.quota]:
            let quotas = offerings.map { offering in
                let pool = offering.pool
                return "\(pool.market.rawValue) \(pool.family) in \(pool.region)"
            }
            return .quotaExhausted(until: until, quotas: Set(quotas).sorted())
        case [.subnet]:
            return .subnetsFull(until: until, subnets: Set(offerings.map(\.subnet)).sorted())
        default: return .noCapacity(until: until, pools: offerings.count)
        }
    }

    /// Nil when the manifest does not want this market for this choice.
    private func candidate(
        _ offering: Offering, _ image: MachineImage, _ query: PlacementQuery, _ spec: RunSpec
    ) -> Candidate? {
        let choice = query.choices[min(offering.choice, query.choices.count - 1)]
        let wanted = choice.market ?? spec.market
        let isFallback = offering.pool.market != wanted
        if isFallback {
            guard wanted == .spot, spec.resources.fallback == .onDemand else { return nil }
        }
        // A question holds a region's choices, whose places in the whole order may lie apart.
        let place = spec.resources.isOrdered ? spec.resources.choices.firstIndex(of: choice) : nil
        // The fallback comes after all spot, whatever its place in the order.
        return Candidate(
            offering: offering, image: image, rank: (isFallback ? 1_000_000 : 0) + (place ?? 0))
    }

    /// Without a limit the price on demand is the limit; an unknown price is none.
    private func isAffordable(_ offering: Offering, _ spec: RunSpec) -> Bool {
        guard let price = offering.price,
            let limit = spec.resources.maxHourlyCost ?? offering.onDemandPrice
        else { return spec.resources.maxHourlyCost == nil }
        return price <= limit
    }

    private func tooExpensive(_ candidates: [Candidate], _ spec: RunSpec) -> InactionReason {
        let cheapest = candidates.compactMap(\.offering.price).min()
        return .tooExpensive(cheapest: cheapest, limit: spec.resources.maxHourlyCost)
    }

    private func isBetter(_ a: Candidate, _ b: Candidate, _ spec: RunSpec) -> Bool {
        let unknown = Dollars(micros: .max)
        let first = (a.rank, a.offering.price ?? unknown)
        let second = (b.rank, b.offering.price ?? unknown)
        if first != second { return first < second }
        let pools = (a.offering.pool, b.offering.pool)
        return (pools.0.instanceType, pools.0.zone) < (pools.1.instanceType, pools.1.zone)
    }

    /// The image that this run's attempts have used before: resolved once.
    private func frozenImage(
        _ best: Candidate, _ spec: RunSpec, _ profile: Profile
    ) -> MachineImage? {
        let reference = spec.resources.image ?? profile.image
        let requests = ledger.attempts.reversed().lazy
            .filter { $0.generation == spec.generation }
            .flatMap { $0.launches.reversed() }.compactMap(\.request)
        return requests.first { request in
            request.region == best.offering.pool.region
                && request.machine?.image.reference == reference
        }?.machine?.image
    }
}
