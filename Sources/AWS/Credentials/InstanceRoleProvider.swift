package import Training
package import Transport

/// The role of the EC2 instance that this runs on.
struct InstanceRoleProvider: CredentialProvider {
    let name = "instance metadata"

    func load(
        _ context: CredentialContext
    ) async throws(CredentialFailure) -> CredentialFinding {
        let path = "meta-data/iam/security-credentials/"
        do throws(MetadataFailure) {
            guard let bytes = try await context.metadata.get(path, limit: 4096) else {
                return .absent("the instance has no role")
            }
            let role = SmallFile.trimmed(String(decoding: bytes, as: UTF8.self))
            // One role an instance; its name has only characters that a path may hold.
            guard !role.isEmpty, !role.contains(where: { $0.isWhitespace || $0 == "/" }) else {
                return .absent("the instance has no role")
            }
            guard let document = try await context.metadata.get(path + role) else {
                return .absent("the instance lost its role", mayPass: true)
            }
            return .found(try InstanceRoleProvider.credentials(document, role))
        } catch {
            switch error {
            case .forbidden(let detail): return .absent(detail)
            case .unavailable(let detail): return .absent(detail, mayPass: true)
            case .malformed(let detail): throw CredentialFailure("instance metadata: \(detail)")
            }
        }
    }

    private static func credentials(
        _ bytes: [UInt8], _ role: String
    ) throws(MetadataFailure) -> FoundCredentials {
        do throws(CredentialFailure) {
            let document = try CredentialDocument.decode(bytes)
            if let code = document.code, code != "Success" {
                throw CredentialFailure("the service answers \(code.prefix(100))")
            }
            return FoundCredentials(
                credentials: try document.credentials(), place: "the instance role \(role)",
                mayOutliveExpiration: true)
        } catch {
            throw .malformed("role \(role): \(error)")
        }
    }
}

extension CachedCredentials {
    /// Those of the instance's role alone, whatever else its environment may offer.
    package init(
        instanceRole metadata: MetadataClient, http: HTTPClient, clock: any WallClock
    ) throws(ConfigurationFailure) {
        let context = CredentialContext(
            configuration: try SharedConfiguration(environment: [:]), http: http, clock: clock,
            metadata: metadata, runner: nil)
        self.init(clock: clock) { () async throws(CredentialFailure) in
            switch try await InstanceRoleProvider().load(context) {
            case .found(let found): return found
            case .absent(let why, let mayPass):
                throw CredentialFailure(why, isTransient: mayPass)
            }
        }
    }
}
