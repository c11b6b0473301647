import Training

/// Makes the exact request for one machine: nothing in it depends on time or on the process.
extension RunSituation {
    func freeze(
        _ desired: DesiredRun, at site: Site, attempt: Int, ordinal: Int
    ) -> LaunchRequest {
        let spec = desired.spec
        var configuration = AgentConfiguration(
            scope: context.scope, store: context.store, storeURL: context.storeURL,
            storeRegion: context.storeRegion, run: name, attempt: attempt, ordinal: ordinal,
            pace: context.pace)
        var request = LaunchRequest(
            clientToken: "", region: context.regions.first ?? "", market: spec.market,
            shutdownBehavior: .terminate, tags: [:], userData: "")
        if case .offering(let offering, let image, let profile) = site {
            configuration.trainer = profile.trainer
            request.region = offering.pool.region
            request.market = offering.pool.market
            request.machine = machine(offering, image, profile, spec)
            request.tags = profile.tags.merging(spec.resources.labels) { _, run in run }
        }
        if spec.onCompletion == .stop && request.market.canStop {
            request.shutdownBehavior = .stop
        }
        if request.machine != nil { configuration.shutdownBehavior = request.shutdownBehavior }
        request.tags.merge(tags(desired, attempt, ordinal)) { _, ours in ours }
        request.userData = userData(configuration)
        request.clientToken = ClientToken.derive(
            scope: context.scope, store: context.store, run: name, attempt: attempt,
            ordinal: ordinal, node: 0, request: Digest(of: CanonicalJSON.encode(request)))
        return request
    }

    private func machine(
        _ offering: Offering, _ image: MachineImage, _ profile: Profile, _ spec: RunSpec
    ) -> MachineRequest {
        let isHome = offering.pool.region == profile.region
        return MachineRequest(
            instanceType: offering.pool.instanceType, zone: offering.pool.zone,
            subnet: offering.subnet, image: image,
            diskSize: spec.resources.diskSize.map { max($0, image.rootSize) },
            securityGroups: isHome ? profile.securityGroups : [],
            instanceProfile: profile.instanceProfile,
            keyName: isHome ? profile.keyName : nil,
            maxPrice: offering.pool.market == .spot ? spec.resources.maxHourlyCost : nil)
    }

    private func tags(
        _ desired: DesiredRun, _ attempt: Int, _ ordinal: Int
    ) -> [String: String] {
        [
            Tag.scope: context.scope, Tag.store: context.store.text, Tag.run: name.text,
            Tag.attempt: "\(attempt)", Tag.ordinal: "\(ordinal)",
            Tag.digest: desired.digest.text, Tag.revision: shared.revision.commit,
            Tag.name: "\(context.scope)/\(name)",
        ]
    }

    private func userData(_ configuration: AgentConfiguration) -> String {
        if let cloud = context.cloud, let store = S3Location(context.storeURL),
            let region = context.storeRegion
        {
            return Bootstrap.script(
                agent: cloud.agent, in: store, region: region, configuration: configuration)
        }
        return String(decoding: CanonicalJSON.encode(configuration), as: UTF8.self)
    }
}
