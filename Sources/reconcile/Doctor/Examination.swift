import AWS
import Local
import Planning
import Reconciliation
import Training

/// Asks all that `reconcile doctor` wants to know; judges nothing.
///
/// Changes nothing but one probe object below `leases/`, which it removes.
struct Examination: Sendable {
    let cloud: CloudPlace
    let manifests: ManifestFleet
    /// As the operator named it; nil: the policy does.
    let state: S3Location?
    let agentPath: String
    let clock = SystemClock()

    func findings() async -> [DoctorFinding] {
        let agent = AgentCheck(path: agentPath)
        let desired = await Examination.desiredFleet(manifests)
        let location = state ?? (try? desired.fleet.get())?.policy.state
        let region = (try? desired.fleet.get())?.policy.stateRegion ?? cloud.region
        async let account = accountFindings()
        async let bucket = bucketFindings(location, region)
        async let stored = storedFinding(agent.digest, location, region)
        async let machines = fleetFindings(try? desired.fleet.get(), location, region, agent)
        return await account + bucket
            + FleetJudgement.manifests(desired.fleet, desired.errors)
            + machines + [agent.finding] + [stored].compactMap { $0 }
    }

    // MARK: The account

    private func accountFindings() async -> [DoctorFinding] {
        let cloud = cloud
        let clock = clock
        let place = await Unanswered.bounded { () -> Result<String, Unanswered> in
            do throws(CredentialFailure) {
                return .success(try await cloud.credentials.found().place)
            } catch {
                return .failure(Unanswered(error.description))
            }
        }
        // The caller may not know a region, but STS is asked in one.
        let region = cloud.region ?? "us-east-1"
        let identity = await Unanswered.asking {
            try await STS(cloud.client, region: region).callerIdentity()
        }
        let named = cloud.region
        return [
            AccountJudgement.identity(identity, from: place),
            AccountJudgement.clock((try? identity.get())?.serverTime, here: clock.now()),
            named.map { DoctorFinding(.region, .ok, "\($0), where manifests name no other") }
                ?? DoctorFinding(
                    .region, .warning, "the AWS configuration names none",
                    advice: "set AWS_REGION, unless every profile and the policy name theirs"),
        ]
    }

    // MARK: The bucket

    private func bucketFindings(_ location: S3Location?, _ region: String?) async -> [DoctorFinding]
    {
        guard let location, let region else {
            return [
                DoctorFinding(
                    .bucket, .problem,
                    location == nil ? "none is named" : "its region is not known",
                    advice: "set state and state_region in the policy; `reconcile init aws` "
                        + "writes one")
            ]
        }
        let facts = await StoreProbe(location: location, region: region, client: cloud.client)
            .facts()
        return facts.findings(location.bucket, region: region)
    }

    private func storedFinding(
        _ digest: Digest?, _ location: S3Location?, _ region: String?
    ) async -> DoctorFinding? {
        guard let digest, let location, let region else { return nil }
        let store = S3Store(location, region: region, client: cloud.client)
        let answer = await Unanswered.asking {
            try await store.head(StoreLayout.agent(digest)) != nil
        }
        return AccountJudgement.storedAgent(answer)
    }

    // MARK: The manifests

    /// On the embedded provider there is no account to look at.
    static func localFindings(_ manifests: ManifestFleet, agentPath: String) async
        -> [DoctorFinding]
    {
        let desired = await desiredFleet(manifests)
        return FleetJudgement.manifests(desired.fleet, desired.errors)
            + [AgentCheck(path: agentPath).finding]
    }

    private static func desiredFleet(_ manifests: ManifestFleet) async -> (
        fleet: Result<DesiredFleet, Unanswered>, errors: [String]
    ) {
        do throws(SourceFailure) {
            let fetched = try await manifests.fetch(since: nil)
            let errors = fetched.diagnostics.filter { $0.severity == .error }
            return (.success(fetched.fleet), errors.map(\.description))
        } catch {
            return (.failure(Unanswered(error.description)), [])
        }
    }

    private func fleetFindings(
        _ fleet: DesiredFleet?, _ location: S3Location?, _ region: String?, _ agent: AgentCheck
    ) async -> [DoctorFinding] {
        guard let fleet else { return [] }
        let identity = StoreIdentity(of: location?.description ?? "")
        // Where the agent or the bucket is missing, a request of the same form stands for it.
        let context = FleetContext(
            scope: fleet.policy.scope, store: identity,
            storeURL: (location ?? S3Location("s3://bucket"))?.description ?? "",
            storeRegion: region, regions: [], pace: .remote,
            cloud: CloudContext(
                agent: agent.digest ?? Digest(of: ""), defaultRegion: cloud.region))
        let providers = cloud.providers
        let rehearsal = await LaunchRehearsal.perform(fleet, context, providers, at: clock.now())
        async let launches = LaunchExamination(cloud: cloud).findings(of: rehearsal)
        async let end = terminateFinding(fleet, identity)
        return await rehearsal.obstacles.compactMap(FleetJudgement.obstacle) + launches + [end]
    }

    private func terminateFinding(
        _ fleet: DesiredFleet, _ identity: StoreIdentity
    ) async -> DoctorFinding {
        let regions = fleet.regions.union([cloud.region].compactMap { $0 }).sorted()
        for region in regions {
            let provider = cloud.providers[region]
            let seen = await Unanswered.asking {
                try await provider.describe(scope: fleet.policy.scope)
            }
            let own = (try? seen.get())?.first { machine in
                machine.tags[Tag.store] == identity.text && machine.state != .terminated
            }
            guard let own else { continue }
            return await LaunchExamination(cloud: cloud).terminateFinding(own.id, in: region)
        }
        return FleetJudgement.terminate(nil, nil, missing: nil)
    }
}

extension Unanswered {
    /// As `bounded`, with whatever the question throws as its reason.
    static func asking<Value: Sendable>(
        _ question: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, Unanswered> {
        await bounded {
            do {
                return .success(try await question())
            } catch {
                return .failure(Unanswered("\(error)"))
            }
        }
    }
}
