package import Training

/// Secrets in SSM Parameter Store, read by the instance's role.
package struct ParameterSecrets: SecretStore {
    private let ssm: SSM

    package init(_ ssm: SSM) {
        self.ssm = ssm
    }

    /// Needs `ssm:GetParameter`, and `kms:Decrypt` where the parameter has a key of its own.
    package func value(of secret: SecretReference) async throws(SecretFailure) -> String {
        do throws(AWSFailure) {
            return try await ssm.parameter(secret.parameter).value
        } catch {
            throw ParameterSecrets.failure(secret, error)
        }
    }

    private static func failure(
        _ secret: SecretReference, _ failure: AWSFailure
    ) -> SecretFailure {
        guard !failure.mayPass, case .refused(let error) = failure else {
            return .unavailable("\(secret): \(failure)")
        }
        switch error.code {
        case "ParameterNotFound", "ParameterVersionNotFound":
            return .missing("there is no parameter \(secret.parameter) in this region")
        case "AccessDeniedException", "AccessDenied", "InvalidKeyId":
            return .denied(
                "the instance's role may not read \(secret): grant it ssm:GetParameter on the "
                    + "parameter, and kms:Decrypt on its key where that is one of your own")
        default:
            return .denied("\(secret): \(error)")
        }
    }
}
