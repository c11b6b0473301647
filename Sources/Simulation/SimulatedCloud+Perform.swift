package import Training

extension SimulatedCloud {
    /// Runs one call: faults, identity, permission, then `body`; and logs how it ended.
    ///
    /// Signatures are the face's to check, with `iam.secret(for:)`. `body` runs at most once.
    package mutating func perform<Answer: Sendable>(
        _ call: CloudCall, at moment: Timestamp,
        _ body: (inout SimulatedCloud) throws(CloudFailure) -> Answer
    ) -> CallOutcome<Answer> {
        move(to: moment)
        let effect = faults.effect(on: call, at: now, using: &generator)
        let delay: Int64 = if case .delay(let span) = effect { span } else { 0 }
        switch effect {
        case .unreachable:
            note(call, "unreachable")
            return .unanswered(delay: 0)
        case .refuse(let failure):
            note(call, failure.code)
            return .refused(failure, delay: 0)
        case .refuseAfter, .loseReply, .delay, nil: break
        }
        var result: Result<Answer, CloudFailure>
        do {
            try authorize(call)
            result = .success(try body(&self))
        } catch {
            result = .failure(hidden(error, from: call))
        }
        let outcome =
            switch result {
            case .success: "ok"
            case .failure(let failure): failure.code
            }
        // What the call changed shows in events at once.
        move(to: now)
        switch effect {
        case .loseReply:
            note(call, "\(outcome) (unanswered)")
            return .unanswered(delay: 0)
        case .refuseAfter(let failure):
            note(call, "\(outcome) (answered \(failure.code))")
            return .refused(failure, delay: 0)
        default:
            note(call, outcome)
            switch result {
            case .success(let answer): return .answered(answer, delay: delay)
            case .failure(let failure): return .refused(failure, delay: delay)
            }
        }
    }

    /// Notes a call that the face refused itself, such as one with a wrong signature.
    package mutating func note(_ call: CloudCall, _ outcome: String) {
        let caller = (try? iam.principal(of: call, at: now))?.arn ?? ""
        log.note(call, at: now, caller: caller, outcome: outcome)
    }

    // MARK: Permission

    private func authorize(_ call: CloudCall) throws(CloudFailure) {
        guard call.service == .s3 || call.service == .iam || regions[call.region] != nil else {
            throw CloudFailure("UnknownRegion", "No region \(call.region) in this account.")
        }
        if call.accessKey.isEmpty {
            guard call.operation == "AssumeRoleWithWebIdentity" else {
                throw CloudFailure(
                    status: 403, "MissingAuthenticationToken",
                    "Request is missing Authentication Token")
            }
            return
        }
        let principal = try iam.principal(of: call, at: now)
        // Everybody may ask who they are.
        if call.operation == "GetCallerIdentity" { return }
        for part in [call] + call.partsOfLaunch {
            guard allows(part, for: principal) else {
                throw .denied(call, principal.arn, lacking: part.action)
            }
        }
        try checkPlace(of: call)
    }

    /// What permits `call`: the principal's policy, and a bucket's too, which may also deny.
    func allows(_ call: CloudCall, for principal: SimulatedIAM.Principal) -> Bool {
        arns(of: call).allSatisfy { resource, extra in
            let question = PolicyStatement.Question(
                action: call.action, resource: resource,
                caller: [principal.arn] + principal.otherARNs,
                conditions: call.conditions.merging(extra) { first, _ in first })
            let own = principal.policy.statements.verdict(on: question)
            let bucket = bucketName(of: call).flatMap { s3.buckets[$0]?.policy }
            let theirs = bucket?.statements.verdict(on: question) ?? .silent
            return own != .denied && theirs != .denied && (own == .allowed || theirs == .allowed)
        }
    }

    /// What the call touches, as policies name it, with the tags of machines.
    private func arns(of call: CloudCall) -> [(String, [String: [String]])] {
        let place = "\(call.region):\(account)"
        guard !call.resources.isEmpty else {
            switch call.operation {
            case "RunInstances":
                return [("arn:aws:ec2:\(call.region)::image/*", [:])]
                    + ["instance", "volume", "network-interface", "subnet", "security-group"].map {
                        ("arn:aws:ec2:\(place):\($0)/*", [:])
                    }
            case "CreateTags":
                return ["instance", "volume", "network-interface"].map {
                    ("arn:aws:ec2:\(place):\($0)/*", [:])
                }
            default: return [("*", [:])]
            }
        }
        return call.resources.map { resource in
            switch call.service {
            case .s3: return ("arn:aws:s3:::\(resource)", [:])
            case .ssm:
                let name = resource.hasPrefix("/") ? String(resource.dropFirst()) : resource
                // AWS's own parameters belong to no account.
                let owner = name.hasPrefix("aws/service/") ? "\(call.region):" : place
                return ("arn:aws:ssm:\(owner):parameter/\(name)", [:])
            case .sqs: return ("arn:aws:sqs:\(place):\(resource)", [:])
            case .sts, .quotas: return (resource, [:])
            case .iam: return (iam.arn(of: resource), [:])
            case .ec2:
                if call.operation.hasPrefix("Describe") { return ("*", [:]) }
                let machine = regions[call.region]?.instances[InstanceID(resource)]
                var tags: [String: [String]] = [:]
                for (key, value) in machine?.tags ?? [:] {
                    tags["ec2:ResourceTag/\(key)"] = [value]
                    tags["aws:ResourceTag/\(key)"] = [value]
                }
                let kind =
                    resource.hasPrefix("vol-")
                    ? "volume"
                    : resource.hasPrefix("sir-") ? "spot-instances-request" : "instance"
                return ("arn:aws:ec2:\(place):\(kind)/\(resource)", tags)
            }
        }
    }

    private func bucketName(of call: CloudCall) -> String? {
        guard call.service == .s3, let first = call.resources.first else { return nil }
        return String(first.prefix { $0 != "/" })
    }

    /// A bucket answers in its own region only.
    private func checkPlace(of call: CloudCall) throws(CloudFailure) {
        guard let name = bucketName(of: call), let bucket = s3.buckets[name],
            bucket.region != call.region, call.operation != "CreateBucket"
        else { return }
        throw CloudFailure(
            status: 301, "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified "
                + "endpoint.")
    }

    /// Who may not list a bucket does not learn that a key is absent.
    private func hidden(_ failure: CloudFailure, from call: CloudCall) -> CloudFailure {
        guard failure == .noSuchKey, call.action == "s3:GetObject",
            let name = bucketName(of: call),
            let principal = try? iam.principal(of: call, at: now)
        else { return failure }
        var listing = call
        listing.operation = "ListObjectsV2"
        listing.resources = [name]
        return allows(listing, for: principal) ? failure : .denied(call, principal.arn)
    }
}

extension CloudCall {
    /// A launch with tags needs the right to give them, too, and one with a role the right to pass
    /// it on (EC2 user guide, "Grant permission to tag resources during creation"; IAM user guide,
    /// "Granting a user permissions to pass a role").
    fileprivate var partsOfLaunch: [CloudCall] {
        guard operation == "RunInstances" else { return [] }
        var parts: [CloudCall] = []
        if conditions.keys.contains(where: { $0.hasPrefix("aws:RequestTag/") }) {
            var tagging = self
            tagging.operation = "CreateTags"
            tagging.conditions["ec2:CreateAction"] = ["RunInstances"]
            parts.append(tagging)
        }
        // Here a profile and its role bear one name.
        if let role = conditions["ec2:InstanceProfile"]?.first?.split(separator: "/").last {
            parts.append(
                CloudCall(
                    .iam, "PassRole", region: region, resources: [String(role)],
                    conditions: ["iam:PassedToService": ["ec2.amazonaws.com"]]))
        }
        return parts
    }
}
