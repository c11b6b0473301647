package import Training

/// Who may call the simulated account: users with keys, roles, and their sessions.
package struct SimulatedIAM: Sendable {
    package struct User: Hashable, Sendable {
        package var name: String
        package var secret: String
        package var policy: PolicyDocument
    }

    package struct Role: Hashable, Sendable {
        package var name: String
        package var policy: PolicyDocument
        /// A web identity token that AssumeRoleWithWebIdentity takes; nil: none.
        package var webIdentityToken: String?

        package init(name: String, policy: PolicyDocument, webIdentityToken: String? = nil) {
            self.name = name
            self.policy = policy
            self.webIdentityToken = webIdentityToken
        }
    }

    /// Credentials that end, for a role under a session name.
    package struct Session: Hashable, Sendable {
        package var accessKey: String
        package var secret: String
        package var token: String
        package var role: String
        package var name: String
        package var expires: Timestamp
    }

    /// Who is behind a key, and what that one may do.
    package struct Principal: Hashable, Sendable {
        /// What GetCallerIdentity shows.
        package var arn: String
        package var id: String
        package var policy: PolicyDocument
        /// A role's session answers to the role's ARN too.
        var otherARNs: [String] = []
    }

    package let account: String
    package private(set) var users: [String: User] = [:]
    package private(set) var roles: [String: Role] = [:]
    package private(set) var sessions: [String: Session] = [:]

    package init(account: String) {
        self.account = account
    }

    /// Adds or replaces a user by access key.
    package mutating func setUser(
        _ name: String, accessKey: String, secret: String, policy: PolicyDocument
    ) {
        users[accessKey] = User(name: name, secret: secret, policy: policy)
    }

    package mutating func setRole(_ role: Role) {
        roles[role.name] = role
    }

    /// Ends every session of a role at once, as revoking it does; nil: of all roles.
    package mutating func expireSessions(of role: String? = nil, at now: Timestamp) {
        for key in sessions.keys where role == nil || sessions[key]?.role == role {
            sessions[key]?.expires = now
        }
    }

    /// The secret that a key signs with; nil for an unknown key.
    package func secret(for accessKey: String) -> String? {
        users[accessKey]?.secret ?? sessions[accessKey]?.secret
    }

    package func roleARN(_ name: String) -> String { "arn:aws:iam::\(account):role/\(name)" }

    mutating func openSession(
        role: String, name: String, for span: Seconds, at now: Timestamp,
        using generator: inout SplitMix64
    ) -> Session {
        // Ended ones are kept for a day, so that they are refused as expired, not as unknown.
        let old = now - .hours(24)
        for (key, session) in sessions where session.expires < old { sessions[key] = nil }
        let session = Session(
            accessKey: "ASIA" + generator.hex(16).uppercased(), secret: generator.hex(40),
            token: "token/" + generator.hex(64), role: role, name: name, expires: now + span)
        sessions[session.accessKey] = session
        return session
    }

    /// The caller of `call`, or why there is none.
    func principal(
        of call: CloudCall, at now: Timestamp
    ) throws(CloudFailure) -> Principal {
        if let user = users[call.accessKey] {
            guard call.sessionToken == nil else { throw .unknownKey(call.service) }
            return Principal(
                arn: "arn:aws:iam::\(account):user/\(user.name)", id: "AIDA\(user.name)",
                policy: user.policy)
        }
        guard let session = sessions[call.accessKey], session.token == call.sessionToken,
            let role = roles[session.role]
        else { throw .unknownKey(call.service) }
        guard now < session.expires else { throw .expired(call.service) }
        return Principal(
            arn: "arn:aws:sts::\(account):assumed-role/\(session.role)/\(session.name)",
            id: "AROA\(session.role):\(session.name)", policy: role.policy,
            otherARNs: [roleARN(session.role)])
    }
}

extension CloudFailure {
    static func unknownKey(_ service: CloudCall.Service) -> CloudFailure {
        let message = "The security token included in the request is invalid."
        switch service {
        case .ec2:
            return CloudFailure(
                status: 401, "AuthFailure",
                "AWS was not able to validate the provided access credentials")
        case .s3:
            return CloudFailure(
                status: 403, "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.")
        case .sts, .iam: return CloudFailure(status: 403, "InvalidClientTokenId", message)
        case .ssm, .sqs, .quotas:
            return CloudFailure(status: 400, "UnrecognizedClientException", message)
        }
    }

    static func expired(_ service: CloudCall.Service) -> CloudFailure {
        let message = "The security token included in the request is expired"
        switch service {
        case .ec2: return CloudFailure("RequestExpired", "Request has expired.")
        case .s3: return CloudFailure("ExpiredToken", "The provided token has expired.")
        case .sts, .iam: return CloudFailure(status: 403, "ExpiredToken", message)
        case .ssm, .sqs, .quotas: return CloudFailure("ExpiredTokenException", message)
        }
    }

    /// `lacking`: the action that the caller has no right to; nil: the call's own.
    static func denied(
        _ call: CloudCall, _ caller: String, lacking: String? = nil
    ) -> CloudFailure {
        let action = lacking ?? call.action
        switch call.service {
        case .ec2:
            return CloudFailure(
                status: 403, "UnauthorizedOperation",
                "You are not authorized to perform this operation. User: \(caller) is not "
                    + "authorized to perform: \(action)")
        case .s3:
            return CloudFailure(status: 403, "AccessDenied", "Access Denied")
        case .sts, .iam:
            return CloudFailure(
                status: 403, "AccessDenied",
                "User: \(caller) is not authorized to perform: \(action)")
        case .ssm, .sqs, .quotas:
            return CloudFailure(
                "AccessDeniedException",
                "User: \(caller) is not authorized to perform: \(action)")
        }
    }
}
