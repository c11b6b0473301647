import Synchronization
package import Training

/// What an EC2 instance learns about itself from its metadata.
package final class InstanceMetadata: MetadataService {
    /// EC2's bound on user data, in bytes.
    static let userDataLimit = 16 << 10

    private let client: MetadataClient
    private let bootFile: String
    /// The notice that stands, with the earliest deadline that was told.
    private let standing = Mutex<Notice?>(nil)

    /// `bootFile` holds the kernel's id of this boot.
    package init(
        _ client: MetadataClient, bootFile: String = "/proc/sys/kernel/random/boot_id"
    ) {
        self.client = client
        self.bootFile = bootFile
    }

    package func identity() async throws(MetadataFailure) -> MachineIdentity {
        let instance = try await required("meta-data/instance-id")
        let userData = try await client.get("user-data", limit: InstanceMetadata.userDataLimit)
        let started = try await document().pendingTime
        let boot: String
        do throws(SmallFile.Failure) {
            boot = try SmallFile.text(bootFile, limit: 256)
        } catch {
            throw .unavailable("\(error)")
        }
        // A machine that shares its kernel with others has only EC2's time of the last start.
        return MachineIdentity(
            instance: InstanceID(instance), boot: started.map { "\(boot)/\($0)" } ?? boot,
            userData: userData ?? [])
    }

    /// The interruption that stands now.
    ///
    /// The `time` may move from answer to answer; the deadline is the earliest one told until the
    /// notice is gone.
    package func notice() async throws(MetadataFailure) -> Notice? {
        let path = "meta-data/spot/instance-action"
        guard let bytes = try await client.get(path, limit: 4096) else {
            standing.withLock { $0 = nil }
            return nil
        }
        let told = try InstanceMetadata.interruption(in: bytes, at: path)
        return standing.withLock { standing in
            let deadline = min(told, standing?.deadline ?? told)
            standing = Notice(kind: .spotInterruption, deadline: deadline)
            return standing
        }
    }

    /// Nil also where tags are not in the metadata (`InstanceMetadataTags` of the instance).
    package func tag(_ key: String) async throws(MetadataFailure) -> String? {
        try await text("meta-data/tags/instance/\(InstanceMetadata.encoded(key))")
    }

    /// Such as `us-east-1`.
    package func region() async throws(MetadataFailure) -> String {
        try await required("meta-data/placement/region")
    }

    /// Such as `us-east-1a`.
    package func availabilityZone() async throws(MetadataFailure) -> String {
        try await required("meta-data/placement/availability-zone")
    }

    /// Such as `g5.xlarge`.
    package func instanceType() async throws(MetadataFailure) -> String {
        try await required("meta-data/instance-type")
    }

    /// The instance identity document; without any value where there is none.
    package func document() async throws(MetadataFailure) -> IdentityDocument {
        let path = "dynamic/instance-identity/document"
        guard let bytes = try await client.get(path) else { return IdentityDocument() }
        return try InstanceMetadata.decode(IdentityDocument.self, bytes, path)
    }

    private func required(_ path: String) async throws(MetadataFailure) -> String {
        guard let text = try await text(path), !text.isEmpty else {
            throw .malformed("\(path): there is none")
        }
        return text
    }

    private func text(_ path: String) async throws(MetadataFailure) -> String? {
        guard let bytes = try await client.get(path) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("\(path): not UTF-8 text")
        }
        return SmallFile.trimmed(text)
    }

    /// The form of `spot/instance-action`.
    private struct Action: Decodable {
        var action: String
        var time: Timestamp
    }

    /// When the machine goes, as `spot/instance-action` says it.
    static func interruption(
        in bytes: [UInt8], at path: String
    ) throws(MetadataFailure) -> Timestamp {
        let action = try decode(Action.self, bytes, path)
        guard ["terminate", "stop", "hibernate"].contains(action.action) else {
            throw .malformed("\(path): an action that is not known")
        }
        return action.time
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8], _ path: String
    ) throws(MetadataFailure) -> Value {
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            throw .malformed("\(path): \(error)")
        }
    }

    /// Percent-encoded but for what a tag key in metadata may hold.
    private static func encoded(_ key: String) -> String {
        key.utf8.map { byte in
            let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
            let isDigit = (48...57).contains(byte)
            if isLetter || isDigit || "+-=.,_:@".utf8.contains(byte) {
                return String(UnicodeScalar(byte))
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

/// What EC2 attests about an instance.
package struct IdentityDocument: Hashable, Sendable, Decodable {
    package var accountId: String?
    package var region: String?
    package var availabilityZone: String?
    package var instanceId: String?
    package var instanceType: String?
    package var imageId: String?
    /// When the instance was last started, as written.
    package var pendingTime: String?
}
