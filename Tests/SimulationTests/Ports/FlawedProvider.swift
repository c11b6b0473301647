import Simulation
import TestSupport
import Training

/// A provider that keeps all of the port's promises but one.
struct FlawedProvider: InstanceProvider {
    enum Flaw: CaseIterable {
        case forgetsTokens, relaunchesEnded, refusesAgain, startsOnLaunch
        case listsAll, listsPart, readsWildcards, findsStrangers
        case stopsSpot, startsEnded, ordersStrangers, endsNothing, hidesReasons
        case replacesTags, losesTags, hidesDryPools, confusesShortages, takesAnything
        case showsOldConsole, offersNothing, unsortsOfferings, ignoresZones
    }

    let provider: SharedProvider
    let flaw: Flaw

    func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        switch flaw {
        case .listsAll:
            let others = try await provider.describe(scope: scope + "-b")
            return try await provider.describe(scope: scope) + others
        case .readsWildcards where scope == "*": return try await provider.describe(scope: "s")
        case .listsPart: return try await provider.describe(scope: scope).dropLast()
        default: return try await provider.describe(scope: scope)
        }
    }

    func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        var found = try await provider.describe(instance: id)
        if flaw == .findsStrangers, found == nil { throw .unavailable("no such machine") }
        if flaw == .hidesReasons { found?.stateReason = "" }
        if flaw == .losesTags, found?.state == .terminated { found?.tags = [:] }
        return found
    }

    func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        var request = request
        switch flaw {
        case .forgetsTokens: request.clientToken += "-\(provider.cloud.now().milliseconds)"
        case .takesAnything where request.userData.utf8.count > 16 << 10: request.userData = ""
        default: break
        }
        do throws(LaunchFailure) {
            let instance = try await provider.launch(request)
            if flaw == .startsOnLaunch, instance.state == .stopped {
                try? await provider.start(instance.id)
            }
            return instance
        } catch .instanceTerminated where flaw == .relaunchesEnded {
            request.clientToken += "-again"
            return try await provider.launch(request)
        } catch .quota(let detail) where flaw == .confusesShortages {
            throw .noCapacity(detail)
        }
    }

    func start(_ id: InstanceID) async throws(ProviderFailure) {
        try await forgiving([.startsEnded]) { () async throws(ProviderFailure) in
            try await provider.start(id)
        }
    }

    func stop(_ id: InstanceID) async throws(ProviderFailure) {
        if flaw == .refusesAgain, try await provider.describe(instance: id)?.state == .stopped {
            throw .unsupported("it is stopped already")
        }
        try await forgiving([.stopsSpot]) { () async throws(ProviderFailure) in
            try await provider.stop(id)
        }
    }

    func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        if flaw != .endsNothing { try await provider.terminate(id) }
    }

    func tag(_ id: InstanceID, _ tags: [String: String]) async throws(ProviderFailure) {
        if flaw == .replacesTags {
            provider.cloud.with { cloud, _ in
                try? cloud[ec2: provider.provider.region].deleteTags([id.text], keys: [Tag.run])
            }
        }
        try await forgiving([]) { () async throws(ProviderFailure) in
            try await provider.tag(id, tags)
        }
    }

    func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        let bytes = try await provider.consoleOutput(of: id)
        return flaw == .showsOldConsole ? bytes.map { Array($0.prefix(6)) } : bytes
    }

    func placement(for query: PlacementQuery) async throws(ProviderFailure) -> Placement {
        var query = query
        if flaw == .ignoresZones { query.zones = [] }
        do throws(ProviderFailure) {
            var placement = try await provider.placement(for: query)
            if flaw == .unsortsOfferings { placement.offerings.reverse() }
            return placement
        } catch .unsupported where flaw == .offersNothing {
            let image = MachineImage(id: "", reference: nil, rootDevice: "", rootSize: 1)
            return Placement(image: image, offerings: [])
        }
    }

    private func forgiving(
        _ flaws: Set<Flaw>, _ order: () async throws(ProviderFailure) -> Void
    ) async throws(ProviderFailure) {
        do throws(ProviderFailure) {
            try await order()
        } catch .unsupported where flaws.contains(flaw) {
            return
        } catch .unavailable where flaw == .ordersStrangers {
            return
        } catch .noCapacity(let detail) where flaw == .hidesDryPools {
            throw .unavailable(detail)
        }
    }
}
