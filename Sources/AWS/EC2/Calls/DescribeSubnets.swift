extension EC2 {
    /// Subnets by id, or the default ones of the region's zones.
    package struct DescribeSubnets: EC2List {
        package typealias Item = Subnet

        package static let action = "DescribeSubnets"
        /// Empty: the default subnets.
        package var ids: [String]

        package init(ids: [String]) {
            self.ids = ids
        }

        package func add(to form: inout QueryForm) {
            // EC2 does not take MaxResults beside ids.
            form.add("SubnetId", list: ids)
            if ids.isEmpty {
                form.add([Filter("default-for-az", ["true"])])
                form.add("MaxResults", 1_000)
            }
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [Subnet] {
            try root.read("subnetSet") { item throws(AWSFailure) in
                Subnet(
                    id: try item.required("subnetId"), zone: try item.required("availabilityZone"),
                    state: item.text("state") ?? "",
                    freeAddresses: item.text("availableIpAddressCount").flatMap { Int($0) } ?? 0)
            }
        }
    }

    /// A subnet, which lies in one zone.
    package struct Subnet: Hashable, Sendable {
        package var id: String
        package var zone: String
        /// Only an `available` one takes machines.
        package var state: String
        package var freeAddresses: Int
    }
}
