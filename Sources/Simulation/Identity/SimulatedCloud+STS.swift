package import Training

extension SimulatedCloud {
    /// Who signs with these credentials.
    package func callerIdentity(
        of call: CloudCall
    ) throws(CloudFailure) -> SimulatedIAM.Principal {
        try iam.principal(of: call, at: now)
    }

    /// A session of a role, for 15 minutes to 12 hours.
    package mutating func assumeRole(
        _ arn: String, session name: String, for span: Seconds = .hours(1)
    ) throws(CloudFailure) -> SimulatedIAM.Session {
        let role = try role(arn)
        try checkSession(name, span)
        return iam.openSession(role: role.name, name: name, for: span, at: now, using: &generator)
    }

    /// A session of a role for the bearer of the identity token that its trust names.
    package mutating func assumeRoleWithWebIdentity(
        _ arn: String, session name: String, token: String, for span: Seconds = .hours(1)
    ) throws(CloudFailure) -> SimulatedIAM.Session {
        let role = try role(arn)
        try checkSession(name, span)
        guard role.webIdentityToken == token else {
            throw CloudFailure(
                "InvalidIdentityToken", "The web identity token is not the one of this role.")
        }
        return iam.openSession(role: role.name, name: name, for: span, at: now, using: &generator)
    }

    private func role(_ arn: String) throws(CloudFailure) -> SimulatedIAM.Role {
        let name = String(arn.split(separator: "/").last ?? "")
        guard let role = iam.roles[name], arn == iam.roleARN(name) else {
            throw CloudFailure(
                status: 403, "AccessDenied",
                "Not authorized to perform sts:AssumeRole on resource: \(arn)")
        }
        return role
    }

    private func checkSession(_ name: String, _ span: Seconds) throws(CloudFailure) {
        let isLegal = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "_+=,.@-".utf8.contains(byte)
        }
        guard isLegal, (2...64).contains(name.utf8.count) else {
            throw CloudFailure(
                "ValidationError", "A session name has 2 to 64 letters, digits or _+=,.@-")
        }
        guard (900...43_200).contains(span.count) else {
            throw CloudFailure("ValidationError", "DurationSeconds must be 900 to 43200.")
        }
    }
}
