package import Training
import Transport

extension EC2 {
    /// What a machine wrote on its console; nil where there is nothing yet.
    package struct GetConsoleOutput: EC2Call {
        package static let action = "GetConsoleOutput"
        package var id: InstanceID
        /// As it stands now: machines of the Nitro system only; else as it stood after the boot.
        package var isLatest: Bool

        package init(_ id: InstanceID, isLatest: Bool) {
            self.id = id
            self.isLatest = isLatest
        }

        package func add(to form: inout QueryForm) {
            form.add("InstanceId", id.text)
            form.add("Latest", isLatest)
        }

        package static func read(_ root: XMLElement) throws(AWSFailure) -> [UInt8]? {
            guard let text = root.text("output"), !text.isEmpty else { return nil }
            guard let bytes = Base64.decode(text) else {
                throw .malformed("\(action): the output is not base64")
            }
            return bytes
        }
    }
}
