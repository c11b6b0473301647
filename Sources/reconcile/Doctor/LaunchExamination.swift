import AWS
import Training

/// Asks EC2 for what it would be asked for, as dry runs, and for the limits that it would meet.
struct LaunchExamination: Sendable {
    let cloud: CloudPlace

    /// More different machines than these are not asked for.
    private static let greatestCount = 20

    func findings(of rehearsal: LaunchRehearsal) async -> [DoctorFinding] {
        let asked = Array(rehearsal.launches.prefix(LaunchExamination.greatestCount))
        async let launches = inParallel(asked) { await launchFinding($0) }
        async let quotas = quotaFindings(rehearsal.launches)
        async let role = spotRoleFinding(rehearsal.launches)
        var findings = await launches + asked.compactMap(FleetJudgement.price)
        if rehearsal.launches.count > asked.count {
            findings.append(
                DoctorFinding(
                    .launch, .unchecked,
                    "\(rehearsal.launches.count - asked.count) more kinds of machines"))
        }
        return await findings + quotas + [role].compactMap { $0 }
    }

    // MARK: Dry runs

    private func launchFinding(_ launch: LaunchRehearsal.Launch) async -> DoctorFinding {
        let refusal = await refusal(
            of: EC2.RunInstances(launch.request, on: launch.machine), in: launch.request.region)
        let missing = await missing(refusal, in: launch.request.region)
        return FleetJudgement.launch(launch, refusal, missing: missing)
    }

    func terminateFinding(_ machine: InstanceID, in region: String) async -> DoctorFinding {
        let refusal = await refusal(of: EC2.TerminateInstances([machine]), in: region)
        let missing = await missing(refusal, in: region)
        return FleetJudgement.terminate(machine, refusal, missing: missing)
    }

    /// Nil: it would be done.
    private func refusal(of call: some EC2Call, in region: String) async -> AWSFailure? {
        let ec2 = EC2(cloud.client, region: region)
        let answer = await Unanswered.bounded { () -> Result<AWSFailure?, Unanswered> in
            do throws(AWSFailure) {
                try await ec2.rehearse(call)
                return .success(nil)
            } catch {
                return .success(error)
            }
        }
        switch answer {
        case .success(let refusal): return refusal
        case .failure(let why): return .unanswered(why.detail)
        }
    }

    private func missing(_ refusal: AWSFailure?, in region: String) async -> MissingPermission? {
        guard case .refused(let error) = refusal, let encoded = error.encodedAuthorization else {
            return nil
        }
        let client = cloud.client
        let decoded = await Unanswered.asking {
            try await STS(client, region: region).decode(authorizationMessage: encoded)
        }
        return (try? decoded.get()).flatMap(MissingPermission.init)
    }

    // MARK: Limits

    private func quotaFindings(_ launches: [LaunchRehearsal.Launch]) async -> [DoctorFinding] {
        var kinds: [String: Set<String>] = [:]
        for launch in launches {
            kinds[launch.request.region, default: []].insert(launch.machine.instanceType)
        }
        let client = cloud.client
        let sizes = await inParallel(kinds.sorted { $0.key < $1.key }) { region, types in
            let filter = EC2.Filter("instance-type", types.sorted())
            let answer = await Unanswered.asking {
                try await EC2(client, region: region).list(EC2.DescribeInstanceTypes([filter]))
            }
            let found = (try? answer.get()) ?? []
            return (region, Dictionary(found.map { ($0.name, $0.cpus) }) { first, _ in first })
        }
        let needs = needs(launches, Dictionary(sizes) { first, _ in first })
        return await inParallel(needs) { need in
            let answer = await Unanswered.asking {
                try await ServiceQuotas(client, region: need.region).limit(of: need.quota)
            }
            return AccountJudgement.quota(need, answer)
        }
    }

    private func needs(
        _ launches: [LaunchRehearsal.Launch], _ sizes: [String: [String: Int]]
    ) -> [AccountJudgement.Need] {
        var needs: [AccountJudgement.Need] = []
        for launch in launches {
            let region = launch.request.region
            guard let cpus = sizes[region]?[launch.machine.instanceType],
                let quota = CPUQuota(
                    instanceType: launch.machine.instanceType, market: launch.request.market)
            else { continue }
            let machines = launch.subjects.map { _ in cpus }
            if let known = needs.firstIndex(where: { $0.quota == quota && $0.region == region }) {
                needs[known].machines += machines
            } else {
                needs.append(
                    AccountJudgement.Need(quota: quota, region: region, machines: machines))
            }
        }
        return needs
    }

    private func spotRoleFinding(_ launches: [LaunchRehearsal.Launch]) async -> DoctorFinding? {
        guard let spot = launches.first(where: { $0.request.market == .spot }) else { return nil }
        let client = cloud.client
        let answer = await Unanswered.asking {
            try await IAM(client, region: spot.request.region).hasRole("AWSServiceRoleForEC2Spot")
        }
        return AccountJudgement.spotRole(answer)
    }

    /// The answers in the order of the questions.
    private func inParallel<Item: Sendable, Answer: Sendable>(
        _ items: [Item], _ ask: @escaping @Sendable (Item) async -> Answer
    ) async -> [Answer] {
        await withTaskGroup { group in
            for (position, item) in items.enumerated() {
                group.addTask { (position, await ask(item)) }
            }
            var answers: [(Int, Answer)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
