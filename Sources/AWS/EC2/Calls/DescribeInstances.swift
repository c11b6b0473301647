package import Training

extension EC2 {
    /// Machines by filters, ended ones among them while they are visible.
    package struct DescribeInstances: EC2List {
        package typealias Item = MachineDescription

        package static let action = "DescribeInstances"
        package var filters: [Filter]

        package init(_ filters: [Filter]) {
            self.filters = filters
        }

        /// All that bear a scope's tag.
        package init(scope: String) {
            self.init([Filter("tag:\(Tag.scope)", [scope])])
        }

        /// At most `Filter.greatestCount`; a filter, since an unknown id among `InstanceId` fails
        /// the call.
        package init(ids: [InstanceID]) {
            self.init([Filter("instance-id", ids.map(\.text))])
        }

        package init(clientToken: String) {
            self.init([Filter("client-token", [clientToken])])
        }

        package func add(to form: inout QueryForm) {
            form.add(filters)
            form.add("MaxResults", 1_000)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [MachineDescription] {
            var machines: [MachineDescription] = []
            for reservation in root.items("reservationSet") {
                machines += try reservation.read("instancesSet") { item throws(AWSFailure) in
                    try MachineDescription(item)
                }
            }
            return machines
        }
    }
}
