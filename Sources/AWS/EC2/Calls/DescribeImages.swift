extension EC2 {
    /// Images by id, those that are deprecated among them.
    package struct DescribeImages: EC2List {
        package typealias Item = Image

        package static let action = "DescribeImages"
        package var ids: [String]

        package init(ids: [String]) {
            self.ids = ids
        }

        package func add(to form: inout QueryForm) {
            form.add("ImageId", list: ids)
            form.add("IncludeDeprecated", true)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [Image] {
            try root.read("imagesSet") { item throws(AWSFailure) in try Image(item) }
        }
    }

    /// A machine image.
    package struct Image: Hashable, Sendable {
        package var id: String
        package var name: String
        /// Only an `available` one can be launched.
        package var state: String
        package var architecture: String
        /// `/dev/sda1`; empty for images without one.
        package var rootDevice: String
        /// GiB; nil where the root is not a volume.
        package var rootSize: Int?

        init(_ item: XMLElement) throws(AWSFailure) {
            id = try item.required("imageId")
            name = item.text("name") ?? ""
            state = try item.required("imageState")
            architecture = item.text("architecture") ?? ""
            let rootDevice = item.text("rootDeviceName") ?? ""
            let root = item.items("blockDeviceMapping").first {
                $0.text("deviceName") == rootDevice
            }
            self.rootDevice = rootDevice
            rootSize = root?["ebs"]?.text("volumeSize").flatMap { Int($0) }
        }
    }
}
