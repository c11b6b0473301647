extension EC2 {
    /// Which zones have which machines.
    package struct DescribeInstanceTypeOfferings: EC2List {
        package typealias Item = ZoneOffering

        package static let action = "DescribeInstanceTypeOfferings"
        /// At most `Filter.greatestCount`.
        package var types: [String]

        package init(types: [String]) {
            self.types = types
        }

        package func add(to form: inout QueryForm) {
            form.add("LocationType", "availability-zone")
            form.add([Filter("instance-type", types)])
            form.add("MaxResults", 1_000)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [ZoneOffering] {
            try root.read("instanceTypeOfferingSet") { item throws(AWSFailure) in
                ZoneOffering(
                    type: try item.required("instanceType"), zone: try item.required("location"))
            }
        }
    }

    /// A zone has machines of a type: that says nothing of how many are free.
    package struct ZoneOffering: Hashable, Sendable {
        package var type: String
        package var zone: String
    }
}
