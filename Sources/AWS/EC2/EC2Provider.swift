package import Training

/// EC2 in one region as the loop sees it.
///
/// Launches, starts and stops are single calls. Looks at single machines and terminations that come
/// close together share one call; launches cannot: each has a token and user data of its own, so no
/// two are alike, and one call for several machines needs one of each.
package final class EC2Provider: InstanceProvider {
    /// Sends of a launch whose instance profile EC2 does not know yet.
    static let propagationTries = 6
    static let propagationPause: Duration = .seconds(10)

    let ec2: EC2
    let clock: any WallClock
    let catalogue: Catalogue
    let prices: PriceTable
    private let looks: CallBatch<Instance?>
    private let ends: CallBatch<Void>

    /// `parameters`: how the names of images in Systems Manager are looked up.
    package init(
        _ ec2: EC2, parameters: SSM, prices: PriceTable, clock: any WallClock
    ) {
        self.ec2 = ec2
        self.clock = clock
        self.prices = prices
        catalogue = Catalogue(ec2, parameters: parameters, clock: clock)
        looks = CallBatch(limit: EC2.Filter.greatestCount, clock: clock) { ids in
            await EC2Provider.look(at: ids, ec2)
        }
        // Karpenter ends no more in one call; EC2 would take a thousand.
        ends = CallBatch(limit: 500, clock: clock) { ids in await EC2Provider.end(ids, ec2) }
    }

    var region: String { ec2.region }

    // MARK: Looks

    @concurrent
    package func describe(scope: String) async throws(ProviderFailure) -> [Instance] {
        do throws(AWSFailure) {
            let machines = try await ec2.list(EC2.DescribeInstances(scope: scope))
            return machines.map { $0.instance(in: region) }
        } catch {
            throw ProviderFailure(error)
        }
    }

    package func describe(instance id: InstanceID) async throws(ProviderFailure) -> Instance? {
        try await looks.answer(for: id)
    }

    private static func look(
        at ids: [InstanceID], _ ec2: EC2
    ) async -> CallBatch<Instance?>.Answers {
        var answers: CallBatch<Instance?>.Answers = [:]
        do throws(AWSFailure) {
            for id in ids { answers[id] = .success(nil) }
            for machine in try await ec2.list(EC2.DescribeInstances(ids: ids)) {
                let instance = machine.instance(in: ec2.region)
                answers[instance.id] = .success(instance)
            }
        } catch {
            for id in ids { answers[id] = .failure(ProviderFailure(error)) }
        }
        return answers
    }

    package func consoleOutput(of id: InstanceID) async throws(ProviderFailure) -> [UInt8]? {
        do throws(AWSFailure) {
            let output: [UInt8]?
            do throws(AWSFailure) {
                output = try await ec2.send(EC2.GetConsoleOutput(id, isLatest: true))
            } catch .refused(let error) where error.code == "UnsupportedOperation" {
                output = try await ec2.send(EC2.GetConsoleOutput(id, isLatest: false))
            }
            return output.map { Array($0.suffix(64 << 10)) }
        } catch {
            throw ProviderFailure(error)
        }
    }

    // MARK: Orders

    package func start(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(EC2.StartInstances([id]), id)
    }

    package func stop(_ id: InstanceID) async throws(ProviderFailure) {
        try await order(EC2.StopInstances([id]), id)
    }

    package func terminate(_ id: InstanceID) async throws(ProviderFailure) {
        try await ends.answer(for: id)
    }

    package func tag(
        _ id: InstanceID, _ tags: [String: String]
    ) async throws(ProviderFailure) {
        do throws(AWSFailure) {
            try await ec2.send(EC2.CreateTags([id], tags))
        } catch {
            throw ProviderFailure(error)
        }
    }

    /// A state that forbids it is for now, but for a machine that has ended for good.
    private func order(
        _ call: some EC2Call, _ id: InstanceID
    ) async throws(ProviderFailure) {
        do throws(AWSFailure) {
            _ = try await ec2.send(call)
        } catch {
            if case .refused(let refusal) = error, EC2Refusal(refusal) == .wrongState,
                let machine = try await describe(instance: id),
                machine.state == .shuttingDown || machine.state == .terminated
            {
                throw .unsupported(refusal.description)
            }
            throw ProviderFailure(error)
        }
    }

    /// One wrong or protected id makes EC2 end none: then halves are tried, down to single ones.
    private static func end(_ ids: [InstanceID], _ ec2: EC2) async -> CallBatch<Void>.Answers {
        do throws(AWSFailure) {
            try await ec2.send(EC2.TerminateInstances(ids))
            return Dictionary(uniqueKeysWithValues: ids.map { ($0, .success(())) })
        } catch {
            guard ids.count > 1, error.mayConcernOne else {
                let failure = ProviderFailure(error)
                return Dictionary(uniqueKeysWithValues: ids.map { ($0, .failure(failure)) })
            }
            let half = ids.count / 2
            let first = await end(Array(ids[..<half]), ec2)
            return first.merging(await end(Array(ids[half...]), ec2)) { first, _ in first }
        }
    }
}

extension AWSFailure {
    /// Whether the others of several machines might fare better.
    fileprivate var mayConcernOne: Bool {
        guard case .refused(let error) = self else { return false }
        switch EC2Refusal(error) {
        case .throttled, .transient, .unidentified: return false
        default: return true
        }
    }
}
