package import Training

extension EC2 {
    /// Ends machines.
    ///
    /// At most 500; an unknown id among them and none ends.
    package struct TerminateInstances: EC2Order {
        package static let action = "TerminateInstances"
        package static let cost = CallClass.terminateInstances
        package var ids: [InstanceID]

        package init(_ ids: [InstanceID]) {
            self.ids = ids
        }
    }
}
