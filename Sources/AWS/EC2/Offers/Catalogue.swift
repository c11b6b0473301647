import Training

/// What a region has to offer, asked for no more often than it changes.
struct Catalogue: Sendable {
    /// The current Deep Learning image with the drivers and libraries of NVIDIA but no framework,
    /// whose name therefore does not age with one (AWS Deep Learning AMIs developer guide, release
    /// notes of "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04)", read 2026-11).
    static let defaultImage =
        "/aws/service/deeplearning/ami/x86_64/base-oss-nvidia-driver-gpu-ubuntu-22.04/latest/ami-id"

    private let ec2: EC2
    private let ssm: SSM
    private let clock: any WallClock
    private let typeCache: AnswerCache<[String], [String: EC2.InstanceType]>
    private let zoneCache: AnswerCache<[String], [EC2.ZoneOffering]>
    private let subnetCache: AnswerCache<[String], [EC2.Subnet]>
    private let priceCache: AnswerCache<[String], [EC2.SpotPrice]>
    private let parameterCache: AnswerCache<String, String>
    private let imageCache: AnswerCache<String, EC2.Image>

    init(_ ec2: EC2, parameters: SSM, clock: any WallClock) {
        self.ec2 = ec2
        self.clock = clock
        ssm = parameters
        typeCache = AnswerCache(for: .hours(12), limit: 1, clock: clock)
        zoneCache = AnswerCache(for: .hours(1), limit: 64, clock: clock)
        subnetCache = AnswerCache(for: .minutes(1), limit: 64, clock: clock)
        priceCache = AnswerCache(for: .minutes(5), limit: 64, clock: clock)
        parameterCache = AnswerCache(for: .minutes(10), limit: 64, clock: clock)
        imageCache = AnswerCache(for: nil, limit: 256, clock: clock)
    }

    /// All types of the region's machines, by name.
    func types() async throws(ProviderFailure) -> [String: EC2.InstanceType] {
        let ec2 = ec2
        return try await typeCache.answer(to: []) { () async throws(ProviderFailure) in
            let types = try await Catalogue.asking { () async throws(AWSFailure) in
                try await ec2.list(EC2.DescribeInstanceTypes([]))
            }
            return Dictionary(types.map { ($0.name, $0) }) { first, _ in first }
        }
    }

    /// Which zones have the types, which are sorted.
    func zones(of types: [String]) async throws(ProviderFailure) -> [EC2.ZoneOffering] {
        let ec2 = ec2
        return try await zoneCache.answer(to: types) { () async throws(ProviderFailure) in
            try await Catalogue.asking(in: types) { part async throws(AWSFailure) in
                try await ec2.list(EC2.DescribeInstanceTypeOfferings(types: part))
            }
        }
    }

    /// The subnets with these ids, or the default ones.
    func subnets(_ ids: [String]) async throws(ProviderFailure) -> [EC2.Subnet] {
        let ec2 = ec2
        return try await subnetCache.answer(to: ids) { () async throws(ProviderFailure) in
            try await Catalogue.asking { () async throws(AWSFailure) in
                try await ec2.list(EC2.DescribeSubnets(ids: ids))
            }
        }
    }

    /// What the types, which are sorted, cost on spot now.
    func spotPrices(of types: [String]) async throws(ProviderFailure) -> [EC2.SpotPrice] {
        let ec2 = ec2
        let now = clock.now()
        return try await priceCache.answer(to: types) { () async throws(ProviderFailure) in
            try await Catalogue.asking(in: types) { part async throws(AWSFailure) in
                try await ec2.list(EC2.DescribeSpotPriceHistory(types: part, since: now))
            }
        }
    }

    /// The image of a reference, or the default one.
    func image(
        _ reference: ImageReference?
    ) async throws(ProviderFailure) -> EC2.Image {
        let id: String
        switch reference?.kind {
        case .id(let given): id = given
        case .parameter(let name): id = try await parameter(name)
        case nil: id = try await parameter(Catalogue.defaultImage)
        }
        let ec2 = ec2
        return try await imageCache.answer(to: id) { () async throws(ProviderFailure) in
            let found = try await Catalogue.asking { () async throws(AWSFailure) in
                try await ec2.list(EC2.DescribeImages(ids: [id]))
            }
            guard let image = found.first else {
                throw .unsupported(
                    "\(ec2.region) has no image \(id), or it is not shared with this account")
            }
            // One that is still being made is asked for again.
            if image.state == "pending" { throw .unavailable("the image \(id) is pending") }
            return image
        }
    }

    private func parameter(_ name: String) async throws(ProviderFailure) -> String {
        let ssm = ssm
        let region = ec2.region
        return try await parameterCache.answer(to: name) { () async throws(ProviderFailure) in
            let value: String
            do throws(AWSFailure) {
                value = try await ssm.parameter(name).value
            } catch .refused(let error) where error.code == "ParameterNotFound" {
                throw .unsupported(
                    "\(region) has no parameter \(name): name an image in the profile")
            } catch {
                throw ProviderFailure(error)
            }
            guard value.hasPrefix("ami-"), value.utf8.count <= 64 else {
                throw .unsupported(
                    "the parameter \(name) in \(region) does not hold an image's id")
            }
            return value
        }
    }

    // MARK: Asking

    private static func asking<Answer>(
        _ call: () async throws(AWSFailure) -> Answer
    ) async throws(ProviderFailure) -> Answer {
        do throws(AWSFailure) {
            return try await call()
        } catch {
            throw ProviderFailure(error)
        }
    }

    /// In parts that one call takes.
    private static func asking<Item>(
        in types: [String], _ call: ([String]) async throws(AWSFailure) -> [Item]
    ) async throws(ProviderFailure) -> [Item] {
        var items: [Item] = []
        for start in stride(from: 0, to: types.count, by: EC2.Filter.greatestCount) {
            let part = Array(types[start..<min(start + EC2.Filter.greatestCount, types.count)])
            do throws(AWSFailure) {
                items += try await call(part)
            } catch {
                throw ProviderFailure(error)
            }
        }
        return items
    }
}
