/// What a machine can learn about itself: IMDSv2 on EC2, a directory under the embedded provider.
package protocol MetadataService: Sendable {
    /// The machine's own id and the user data it was launched with; bounded to 16 KiB.
    func identity() async throws(MetadataFailure) -> MachineIdentity
    /// The notice that stands now, if any. An answer of "none" is normal.
    func notice() async throws(MetadataFailure) -> Notice?
    /// The value of one instance tag; nil when it is absent.
    func tag(_ key: String) async throws(MetadataFailure) -> String?
}

/// Which machine this is, in which of its lives, and what it was told at its launch.
package struct MachineIdentity: Hashable, Sendable {
    package var instance: InstanceID
    /// New at each boot of the machine, also when it was stopped and started: on EC2 the kernel's
    /// boot id.
    package var boot: String
    package var userData: [UInt8]

    package init(instance: InstanceID, boot: String, userData: [UInt8]) {
        self.instance = instance
        self.boot = boot
        self.userData = userData
    }
}

/// Why a machine cannot see its own metadata.
///
/// Never read as "no interruption".
package enum MetadataFailure: Error, Hashable, Sendable {
    case forbidden(String)
    case unavailable(String)
    case malformed(String)
}

/// A warning that this machine will be taken away.
package struct Notice: Hashable, Sendable, Codable {
    package enum Kind: String, Sendable, Codable {
        case spotInterruption
        case shutdown
    }

    package var kind: Kind
    /// When the machine goes; for a shutdown the end of the stop grace.
    package var deadline: Timestamp

    package init(kind: Kind, deadline: Timestamp) {
        self.kind = kind
        self.deadline = deadline
    }
}
