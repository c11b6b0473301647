/// What a run's machine must be, and what it may cost.
package struct Resources: Hashable, Sendable, Codable {
    /// What to do when no spot pool has capacity.
    package enum Fallback: String, Sendable, Codable, CaseIterable {
        case none
        case onDemand = "on-demand"
    }

    /// Machines that would do; empty: any will, as on the embedded provider.
    package var choices: [MachineChoice]
    /// The choices stand in order of preference; otherwise the cheapest is taken.
    package var isOrdered: Bool
    package var fallback: Fallback
    /// USD an hour; nil: at most the on-demand price.
    package var maxHourlyCost: Dollars?
    /// GiB of the root volume; nil: as large as the image.
    package var diskSize: Int?
    /// Nil: the profile's.
    package var image: ImageReference?
    /// Tags of the machine, besides the profile's.
    package var labels: [String: String]

    package init(
        choices: [MachineChoice] = [], isOrdered: Bool = false, fallback: Fallback = .none,
        maxHourlyCost: Dollars? = nil, diskSize: Int? = nil, image: ImageReference? = nil,
        labels: [String: String] = [:]
    ) {
        self.choices = choices
        self.isOrdered = isOrdered
        self.fallback = fallback
        self.maxHourlyCost = maxHourlyCost
        self.diskSize = diskSize
        self.image = image
        self.labels = labels
    }
}

/// One kind of machine that would do; nil leaves a point open.
package struct MachineChoice: Hashable, Sendable, Codable {
    package var accelerators: Accelerators?
    package var instanceType: String?
    package var region: String?
    package var zone: String?
    /// Nil: the run's market.
    package var market: Market?

    package init(
        accelerators: Accelerators? = nil, instanceType: String? = nil, region: String? = nil,
        zone: String? = nil, market: Market? = nil
    ) {
        self.accelerators = accelerators
        self.instanceType = instanceType
        self.region = region
        self.zone = zone
        self.market = market
    }
}

/// GPUs by name and number, `A10G:1`.
package struct Accelerators: Hashable, Sendable, TextCoded {
    package static let textForm = "accelerators such as A10G:1"

    /// As SkyPilot and EC2 spell it, compared without regard to case: `A10G`, `H100`, `L40S`.
    package let name: String
    package let count: Int

    package init(name: String, count: Int) {
        self.name = name
        self.count = count
    }

    /// `A10G` is `A10G:1`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, (1...2).contains(parts.count), !name.isEmpty,
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0 & 0xdf)
                    || $0 == UInt8(ascii: "-")
            }),
            let count = parts.count == 2 ? Int(parts[1]) : 1, (1...64).contains(count)
        else { return nil }
        self.name = String(name)
        self.count = count
    }

    package var description: String { "\(name):\(count)" }
}

/// A machine image: an id, or the SSM parameter that holds one.
package struct ImageReference: Hashable, Sendable, TextCoded {
    package static let textForm = "ami-… or ssm:/path/of/a/parameter"

    package enum Kind: Hashable, Sendable {
        case id(String)
        case parameter(String)
    }

    package let kind: Kind

    package init?(_ text: String) {
        if text.hasPrefix("ssm:/"), text.utf8.count <= 2048 {
            kind = .parameter(String(text.dropFirst(4)))
        } else if text.hasPrefix("ami-"), text.utf8.count <= 64 {
            kind = .id(text)
        } else {
            return nil
        }
    }

    package var description: String {
        switch kind {
        case .id(let id): id
        case .parameter(let path): "ssm:\(path)"
        }
    }
}
