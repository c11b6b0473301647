package import Training

extension EC2 {
    /// Ends machines.
    ///
    /// At most 500; an unknown id among them and none ends.
    package struct TerminateInstances: EC2Call {
        package static let action = "TerminateInstances"
        package static let cost = CallClass.terminateInstances
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
