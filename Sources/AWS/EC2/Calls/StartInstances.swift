package import Training

extension EC2 {
    /// Starts stopped machines.
    package struct StartInstances: EC2Order {
        package static let action = "StartInstances"
        package static let cost = CallClass.startInstances
        package var ids: [InstanceID]

        package init(_ ids: [InstanceID]) {
            self.ids = ids
        }
    }
}
