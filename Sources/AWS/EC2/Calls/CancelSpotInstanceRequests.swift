extension EC2 {
    /// Cancels spot requests; a machine that one of them gave goes on.
    package struct CancelSpotInstanceRequests: EC2Call {
        package static let action = "CancelSpotInstanceRequests"
        package static let cost = CallClass.mutate
        package var ids: [String]

        package init(_ ids: [String]) {
            self.ids = ids
        }

        package func add(to form: inout QueryForm) {
            form.add("SpotInstanceRequestId", list: ids)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) {}
    }
}
