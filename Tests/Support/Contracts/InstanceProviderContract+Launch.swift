import Training

/// Launches: once for each token, or not at all and for a reason.
extension InstanceProviderContract {
    func birth(of instance: Instance, _ check: inout Findings) async throws {
        check(instance.state == .pending || instance.state == .running, "a new machine comes up")
        check(instance.clientToken == request.clientToken, "the token comes back")
        check(instance.market == request.market, "the market comes back")
        check(instance.region == request.region, "the region comes back")
        let wanted = request.tags.allSatisfy { instance.tags[$0.key] == $0.value }
        check(wanted, "the tags stand from the beginning")
        check(instance.stateReason.isEmpty, "a living machine has no reason of its end")
        if let machine = request.machine {
            check(instance.instanceType == machine.instanceType, "the type comes back")
            check(instance.zone == machine.zone, "the zone comes back")
        }
        let now = clock.now()
        check(instance.launchedAt < now + 2, "no machine is launched in the future")
        check(try await reaches(.running, instance.id), "it runs in time")
        check(try await eventually { try await ids() == [instance.id] }, "its scope lists it alone")
        let listed = try await provider.describe(scope: scope)
        let described = try await provider.describe(instance: instance.id)
        check(listed.first == described, "the list and the look at one agree")
        for other in [scope + "x", "*", String(scope.dropLast()) + "?"] {
            let found = try await provider.describe(scope: other)
            check(found.isEmpty, "the scope \(other) lists nothing")
        }
    }

    /// The same bytes again, and others under the same token: never a second machine.
    func repetition(of instance: Instance, _ check: inout Findings) async throws {
        let again = try await provider.launch(request)
        guard !has(.ignoresTokens) else {
            check(again.id != instance.id, "a token means nothing")
            try await remove(again.id, &check)
            return
        }
        check(again.id == instance.id, "the same request gives the same machine")
        var other = request
        other.userData += "\n"
        if has(.adoptsOtherBytes) {
            check(
                try await provider.launch(other).id == instance.id,
                "other bytes under the token give the token's machine")
        } else {
            check(
                await launchFailure(other) == .parametersMismatch,
                "other bytes under the token are a mismatch")
        }
        check(try await ids() == [instance.id], "there is one machine")
    }

    /// A machine of another scope, launched by several at once.
    func company(of instance: Instance, _ check: inout Findings) async throws {
        guard !has(.ignoresTokens) else { return }
        var other = another("-b")
        other.tags[Tag.scope] = scope + "-b"
        let (request, provider) = (other, provider)
        let ids = await withTaskGroup(of: InstanceID?.self) { group in
            for _ in 0..<3 { group.addTask { try? await provider.launch(request).id } }
            return await group.reduce(into: Set<InstanceID>()) {
                $0.formUnion($1.map { [$0] } ?? [])
            }
        }
        check(ids.count == 1 && !ids.contains(instance.id), "launches at once give one machine")
        guard let id = ids.first else { return }
        check(try await reaches(.running, id), "it runs in time, too")
        let seen = try await eventually {
            try await provider.describe(scope: scope + "-b").map(\.id) == [id]
        }
        check(seen, "another scope lists its own machine only")
        check(try await self.ids() == [instance.id], "and this scope only this one")
        try await remove(id, &check)
    }

    func refusals(_ check: inout Findings) async throws {
        var wrong: [(String, LaunchRequest)] = []
        var long = another("-long")
        long.userData = String(repeating: "#", count: (16 << 10) + 1)
        wrong.append(("user data beyond 16 KiB", long))
        if let machine = request.machine {
            var elsewhere = another("-region")
            elsewhere.region = "no-where-1"
            wrong.append(("another region", elsewhere))
            var bare = another("-bare")
            bare.machine = nil
            wrong.append(("a request without a machine", bare))
            var subnet = another("-subnet")
            subnet.machine?.subnet = "subnet-00000000000000000"
            wrong.append(("an unknown subnet", subnet))
            var image = another("-image")
            image.machine?.image.id = "ami-00000000000000000"
            if !has(.ignoresRules) { wrong.append(("an unknown image", image)) }
            var type = another("-type")
            type.machine?.instanceType = "z0.none"
            if !has(.ignoresRules) { wrong.append(("an unknown type", type)) }
            check(machine.zone.hasPrefix(request.region), "the request is for its region")
        }
        for (name, request) in wrong {
            let failure = await launchFailure(request)
            check(failure?.isRejected == true, "\(name) is rejected: \(describe(failure))")
        }
        check(try await ids().isEmpty, "a rejected launch makes no machine")
    }

    /// Each supply that runs out has its own answer; nothing is made, and the same bytes succeed
    /// once there is enough again.
    func shortages(_ check: inout Findings) async throws {
        guard !has(.noOfferings), !has(.noShortages) else { return }
        guard let backstage else {
            check(false, "there is a backstage that uses supplies up")
            return
        }
        for supply in Supply.allCases {
            let request = another("-\(supply.rawValue)")
            let before = try await ids()
            try await backstage.use(up: supply, true, of: request)
            let failure = await launchFailure(request)
            check(failure?.lacks(supply) == true, "no \(supply): \(describe(failure))")
            check(try await ids() == before, "without \(supply) no machine is made")
            try await backstage.use(up: supply, false, of: request)
            let instance = try await provider.launch(request)
            check(try await reaches(.running, instance.id), "with \(supply) again it runs")
            try await remove(instance.id, &check)
        }
    }

    private func describe(_ failure: LaunchFailure?) -> String {
        failure.map { "\($0)" } ?? "launched"
    }
}

extension LaunchFailure {
    fileprivate func lacks(_ supply: InstanceProviderContract.Supply) -> Bool {
        switch (self, supply) {
        case (.noCapacity, .capacity), (.subnetFull, .addresses), (.quota, .quota): true
        default: false
        }
    }
}
