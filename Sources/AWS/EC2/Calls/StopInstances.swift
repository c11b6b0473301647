package import Training

extension EC2 {
    /// Stops machines that can be started again.
    package struct StopInstances: EC2Order {
        package static let action = "StopInstances"
        package static let cost = CallClass.mutate
        package var ids: [InstanceID]

        package init(_ ids: [InstanceID]) {
            self.ids = ids
        }
    }
}
