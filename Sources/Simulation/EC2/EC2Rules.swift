extension SimulatedEC2 {
    /// How long things take and which of EC2's freedoms it uses; spans are in milliseconds.
    package struct Rules: Hashable, Sendable, Codable {
        /// From the answer of a launch or start to `running`.
        package var boot: ClosedRange<Int64>
        /// How long an operating system that is asked to shut down keeps its power at most.
        package var shutdown: ClosedRange<Int64>
        /// From the answer of a launch until describes find the machine; EC2 promises 5 minutes.
        package var visibility: ClosedRange<Int64>
        /// From the answer of CreateTags until describes and metadata show the tags.
        package var tagging: ClosedRange<Int64>
        /// From the end of a machine until its first tag is gone, and from tag to tag.
        package var tagFading: ClosedRange<Int64>
        /// From the end of a machine until describes no longer find it.
        package var fading: ClosedRange<Int64>
        /// From the end of a machine until its vCPUs no longer count in the quota.
        package var quotaRelease: ClosedRange<Int64>
        /// From reopening to the next try to fulfil a persistent spot request.
        package var fulfilment: ClosedRange<Int64>
        /// How long a token is remembered once its machines have ended.
        package var tokenMemory: Int64 = 24 * 3_600_000
        /// How long a finished spot request is described.
        package var spotRequestMemory: Int64 = 4 * 3_600_000
        /// The chance of an empty page with a next token in a paged, filtered describe.
        package var emptyPage = 0.0
        /// InsufficientInstanceCapacity comes as a server's error from EC2; 400 is seen as well.
        package var capacityStatus = 500
        /// A token of an ended machine gives IdempotentInstanceTerminated, or else that machine.
        package var refusesEndedTokens = true
        /// Token buckets for requests and resources.
        package var throttles = true
        /// AWSServiceRoleForEC2Spot exists.
        package var hasSpotRole = true
        /// vCPUs at most, by market and family; no entry: no limit.
        package var quotas: [Quota: Int] = [:]

        /// Spans as EC2 shows them (boot: brevdev's cold-boot measurements; fading: the API model).
        package static let real = Rules(
            boot: 15_000...30_000, shutdown: 5_000...60_000, visibility: 0...10_000,
            tagging: 0...3_000, tagFading: 300_000...900_000, fading: 3_000_000...3_600_000,
            quotaRelease: 0...60_000, fulfilment: 5_000...60_000)

        /// Spans that a test on a real clock can wait for.
        package static let prompt = Rules(
            boot: 50...100, shutdown: 2_000...2_000, visibility: 0...0, tagging: 0...0,
            tagFading: 1_200_000...1_200_000, fading: 3_600_000...3_600_000, quotaRelease: 0...0,
            fulfilment: 100...200)
    }

    /// A vCPU quota: one market of one group of families.
    package struct Quota: Hashable, Sendable, Codable {
        package enum Family: String, Hashable, Sendable, Codable {
            case standard = "Standard"
            case graphics = "G and VT"
            case accelerated = "P"
            case inferentia = "Inf"
            case trainium = "Trn"
        }

        package var market: SimulatedMarket
        package var family: Family

        package init(_ market: SimulatedMarket, _ family: Family) {
            self.market = market
            self.family = family
        }
    }
}

extension SimulatedEC2.Quota.Family {
    /// The group that a machine type counts in, by the letters before its generation.
    package init(type: String) {
        let letters = type.prefix { $0.isLetter }
        switch letters {
        case "g", "gr", "vt": self = .graphics
        case "p": self = .accelerated
        case "inf": self = .inferentia
        case "trn": self = .trainium
        default: self = .standard
        }
    }
}
