package import Training

extension EC2 {
    /// Sets tags on machines, and leaves their other tags alone.
    package struct CreateTags: EC2Call {
        package static let action = "CreateTags"
        package static let cost = CallClass.createTags
        package var ids: [InstanceID]
        package var tags: [String: String]

        package init(_ ids: [InstanceID], _ tags: [String: String]) {
            self.ids = ids
            self.tags = tags
        }

        package func add(to form: inout QueryForm) {
            form.add("ResourceId", list: ids.map(\.text))
            form.add("Tag", tags: tags)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) {}
    }
}
