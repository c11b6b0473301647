package import Training

extension SimulatedEC2 {
    /// What an account has in a region before anything is launched.
    package struct Place: Hashable, Sendable {
        package var zones: [Zone]
        package var subnets: [Subnet]
        package var images: [Image]
        package var types: [MachineType]
        /// Types that a zone lacks, by zone.
        package var notOffered: [String: Set<String>] = [:]
        package var securityGroups: Set<String>
        package var keyPairs: Set<String> = []
        /// Since when the first spot prices hold.
        package var epoch = Timestamp(milliseconds: 1_780_000_000_000)
        /// The role of each instance profile.
        package var instanceProfiles: [String: String]

        /// The zones a to c with a default subnet each, one Deep Learning image, one security
        /// group, and the profile and role `holdfast-instance`.
        package static func usual(_ region: String) -> Place {
            usual(region, zones: ["a", "b", "c"].map { region + $0 })
        }

        /// The same with other zones.
        static func usual(_ region: String, zones names: [String]) -> Place {
            let vpc = "vpc-" + id(region)
            let zones = names.enumerated().map { number, name in
                Zone(name: name, id: "\(shortName(region))-az\(number + 1)")
            }
            return Place(
                zones: zones,
                subnets: zones.map {
                    Subnet(id: "subnet-" + id($0.name), vpc: vpc, zone: $0.name)
                },
                images: [
                    Image(
                        id: "ami-" + id(region),
                        name: "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04)")
                ],
                types: MachineType.known, securityGroups: ["sg-" + id(region)],
                instanceProfiles: ["holdfast-instance": "holdfast-instance"])
        }

        /// The 17 digits of an id that is the same in every run.
        private static func id(_ name: String) -> String {
            String(Digest(of: name).hex.prefix(17))
        }

        /// `us-east-1` as `use1`, as zone ids begin.
        private static func shortName(_ region: String) -> String {
            region.split(separator: "-").enumerated()
                .map { $0.offset == 0 ? String($0.element) : String($0.element.prefix(1)) }.joined()
        }
    }

    package struct Zone: Hashable, Sendable {
        package var name: String
        package var id: String
    }

    package struct Subnet: Hashable, Sendable {
        package var id: String
        package var vpc: String
        package var zone: String
        package var freeAddresses = 4091
        package var isDefault = true
        package var givesPublicAddresses = true
        package var tags: [String: String] = [:]

        package init(id: String, vpc: String, zone: String) {
            self.id = id
            self.vpc = vpc
            self.zone = zone
        }
    }

    package struct Image: Hashable, Sendable {
        package var id: String
        package var name: String
        package var rootDevice = "/dev/sda1"
        /// GiB.
        package var rootSize = 35
        /// `available`, `pending` or `deregistered`.
        package var state = "available"
        package var architecture = "x86_64"
        package var owner = "amazon"
        package var created = Timestamp(milliseconds: 1_780_000_000_000)

        package init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }
}
