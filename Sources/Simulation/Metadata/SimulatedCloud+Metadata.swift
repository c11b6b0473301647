package import Training

/// A token of IMDSv2: good for one machine until it expires.
struct MetadataToken: Sendable {
    var instance: InstanceID
    var expires: Timestamp
}

extension SimulatedCloud {
    /// `PUT /latest/api/token` from inside a machine; the answer repeats the time to live.
    package mutating func metadataToken(
        _ id: InstanceID, in region: String, timeToLive: String?, isForwarded: Bool = false,
        at moment: Timestamp
    ) throws(CloudFailure) -> String {
        move(to: moment)
        let machine = try reachable(id, region)
        guard machine.metadata.isEnabled, !isForwarded else { throw .forbiddenMetadata }
        guard let seconds = timeToLive.flatMap({ Int($0) }), (1...21_600).contains(seconds) else {
            throw CloudFailure("BadRequest", "The token's time to live must be 1 to 21600.")
        }
        if metadataTokens.count > 10_000 {
            for (token, known) in metadataTokens where known.expires <= now {
                metadataTokens[token] = nil
            }
        }
        let token = generator.hex(56) + "=="
        metadataTokens[token] = MetadataToken(instance: id, expires: now + Seconds(seconds))
        return token
    }

    /// `GET /latest/…` from inside a machine; `path` is what follows `/latest/`.
    ///
    /// Without a token only where the machine does not require one.
    package mutating func metadata(
        _ path: String, of id: InstanceID, in region: String, token: String?,
        at moment: Timestamp
    ) throws(CloudFailure) -> [UInt8] {
        move(to: moment)
        let machine = try reachable(id, region)
        guard machine.metadata.isEnabled else { throw .forbiddenMetadata }
        if token != nil || machine.metadata.requiresTokens {
            guard let known = token.flatMap({ metadataTokens[$0] }), known.instance == id,
                known.expires > now
            else { throw CloudFailure(status: 401, "Unauthorized", "401 - Unauthorized") }
        }
        let role = machine.instanceProfile.flatMap {
            regions[region]?.place.instanceProfiles[$0]
        }
        let credentials = "meta-data/iam/security-credentials/"
        if let role, path == credentials + role {
            return Array(try roleCredentials(role, of: id).utf8)
        }
        if role == nil, path.hasPrefix("meta-data/iam/") { throw .noMetadata }
        if let role, path == credentials { return Array(role.utf8) }
        let page = MetadataPage(machine: machine, region: region, account: account)
        guard let answer = page.answer(to: path, zones: regions[region]?.place.zones ?? []) else {
            throw .noMetadata
        }
        return answer
    }

    /// The machine that asks: one that is off cannot.
    private func reachable(
        _ id: InstanceID, _ region: String
    ) throws(CloudFailure) -> SimulatedInstance {
        guard let machine = regions[region]?.instances[id],
            [.running, .stopping, .shuttingDown].contains(machine.state)
        else { throw CloudFailure(status: 503, "Unreachable", "The machine is off.") }
        return machine
    }

    /// The role's session of this machine: 6 hours, renewed an hour before its end.
    private mutating func roleCredentials(
        _ role: String, of id: InstanceID
    ) throws(CloudFailure) -> String {
        guard iam.roles[role] != nil else { throw .noMetadata }
        var session = roleSessions[id]
        if session.map({ $0.role != role || $0.expires <= now + .hours(1) }) ?? true {
            session = iam.openSession(
                role: role, name: id.text, for: .hours(6), at: now, using: &generator)
            roleSessions[id] = session
        }
        guard let session else { throw .noMetadata }
        let updated = session.expires - .hours(6)
        return """
            {"Code":"Success","LastUpdated":"\(updated.wholeSeconds)","Type":"AWS-HMAC",\
            "AccessKeyId":"\(session.accessKey)","SecretAccessKey":"\(session.secret)",\
            "Token":"\(session.token)","Expiration":"\(session.expires.wholeSeconds)"}
            """
    }
}

extension CloudFailure {
    static let forbiddenMetadata = CloudFailure(status: 403, "Forbidden", "403 - Forbidden")
    static let noMetadata = CloudFailure(status: 404, "NotFound", "404 - Not Found")
}
