package import Training

extension EC2 {
    /// Stops machines that can be started again.
    package struct StopInstances: EC2Call {
        package static let action = "StopInstances"
        package static let cost = CallClass.mutate
        package var ids: [InstanceID]

        package init(_ ids: [InstanceID]) {
            self.ids = ids
        }

        package func add(to form: inout QueryForm) {
            form.add("InstanceId", list: ids.map(\.text))
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) {}
    }
}
