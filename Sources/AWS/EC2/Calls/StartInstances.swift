package import Training

extension EC2 {
    /// Starts stopped machines.
    package struct StartInstances: EC2Call {
        package static let action = "StartInstances"
        package static let cost = CallClass.startInstances
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
