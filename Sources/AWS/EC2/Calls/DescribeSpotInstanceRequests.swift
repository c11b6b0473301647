package import Training

extension EC2 {
    /// The spot requests behind machines, four hours beyond their end.
    ///
    /// Their status tells of an interruption while the machine still runs.
    package struct DescribeSpotInstanceRequests: EC2List {
        package typealias Item = SpotRequestDescription

        package static let action = "DescribeSpotInstanceRequests"
        package var filters: [Filter]

        package init(_ filters: [Filter]) {
            self.filters = filters
        }

        package func add(to form: inout QueryForm) {
            form.add(filters)
            form.add("MaxResults", 1_000)
        }

        package static func read(
            _ root: XMLElement
        ) throws(AWSFailure) -> [SpotRequestDescription] {
            try root.read("spotInstanceRequestSet") { item throws(AWSFailure) in
                SpotRequestDescription(
                    id: try item.required("spotInstanceRequestId"),
                    state: try item.required("state"),
                    status: item["status"]?.text("code") ?? "",
                    instance: item.text("instanceId").map { InstanceID($0) })
            }
        }
    }

    /// A spot request.
    package struct SpotRequestDescription: Hashable, Sendable {
        package var id: String
        /// `open`, `active`, `closed`, `cancelled`, `failed` or `disabled`.
        package var state: String
        /// Such as `fulfilled`, `marked-for-termination` or `instance-terminated-no-capacity`.
        package var status: String
        /// Nil until it is fulfilled.
        package var instance: InstanceID?
    }
}
