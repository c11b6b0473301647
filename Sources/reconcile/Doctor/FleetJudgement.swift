import AWS
import Planning
import Training

/// What the manifests and the answers about their machines mean; pure.
enum FleetJudgement {
    static func manifests(_ answer: Result<DesiredFleet, Unanswered>, _ errors: [String])
        -> [DoctorFinding]
    {
        switch answer {
        case .failure(let why):
            return [
                DoctorFinding(.manifests, .problem, why.detail, advice: "see --repo and --path")
            ]
        case .success(let fleet):
            let faults = errors.map { DoctorFinding(.manifests, .problem, $0) }
            guard faults.isEmpty else { return faults }
            return [
                DoctorFinding(
                    .manifests, .ok,
                    "\(noun(fleet.runs.count, "run")), \(noun(fleet.profiles.count, "profile"))"
                        + " at \(fleet.revision.ref)@\(fleet.revision.commit.prefix(12))")
            ]
        }
    }

    /// Why no machine would be asked for; a missing profile is a matter of the manifests.
    static func obstacle(_ subject: String, _ reason: InactionReason) -> DoctorFinding? {
        switch reason {
        case .held(.noProfile): nil
        case .unknown(let why): DoctorFinding(.placement, .unchecked, "\(subject): \(why)")
        case .held(let hold): DoctorFinding(.placement, .problem, "\(subject): \(hold)")
        case .tooExpensive:
            DoctorFinding(
                .placement, .warning, "\(subject): \(reason)",
                advice: "raise max_hourly_cost, allow more types or zones, or wait")
        default: DoctorFinding(.placement, .warning, "\(subject): \(reason)")
        }
    }

    static func price(_ launch: LaunchRehearsal.Launch) -> DoctorFinding? {
        guard launch.hourly == nil else { return nil }
        return DoctorFinding(
            .price, .warning,
            "no price is known of \(launch.machine.instanceType) in \(launch.request.region): "
                + "costs and limits cannot be told",
            advice: "give a line `\(launch.request.region) \(launch.machine.instanceType) 1.006` "
                + "in a file with --prices")
    }

    /// How EC2 answered the very request that would be sent.
    ///
    /// `missing`: the permission as STS decoded it; nil where it could not be.
    static func launch(
        _ launch: LaunchRehearsal.Launch, _ refusal: AWSFailure?, missing: MissingPermission?
    ) -> DoctorFinding {
        let subject = "\(title(of: launch)) for \(launch.subjects.joined(separator: ", "))"
        guard let refusal else {
            let price = launch.hourly.map { " at $\($0) an hour" } ?? ""
            return DoctorFinding(.launch, .ok, "\(subject)\(price): may be launched")
        }
        if case .refused(let error) = refusal, error.code == "UnauthorizedOperation" {
            return DoctorFinding(
                .launch, .problem,
                "\(subject): \(missing.map { "\($0)" } ?? error.message)",
                advice: "attach aws/controller.json of `reconcile init aws`")
        }
        if case .refused(let error) = refusal,
            error.message.contains("Invalid IAM Instance Profile")
        {
            return DoctorFinding(
                .launch, .problem,
                "\(subject): there is no instance profile \(launch.machine.instanceProfile)",
                advice: "`reconcile init aws` shows the commands that make it; one that is new "
                    + "is known everywhere in some minutes")
        }
        switch LaunchFailure(refusal) {
        case .rejected(let why), .quota(let why):
            return DoctorFinding(.launch, .problem, "\(subject): \(why)")
        case .noCapacity(let why), .subnetFull(let why):
            return DoctorFinding(.launch, .warning, "\(subject): \(why)")
        case .notSent(let why), .unanswered(let why):
            return DoctorFinding(.launch, .unchecked, "\(subject): \(why)")
        case .parametersMismatch, .instanceTerminated:
            return DoctorFinding(.launch, .unchecked, "\(subject): the token is used already")
        }
    }

    /// `machine`: one of the scope's own; nil: none lives.
    static func terminate(
        _ machine: InstanceID?, _ refusal: AWSFailure?, missing: MissingPermission?
    ) -> DoctorFinding {
        guard let machine else {
            return DoctorFinding(
                .terminate, .unchecked, "no machine lives that it could be asked for")
        }
        switch refusal {
        case nil: return DoctorFinding(.terminate, .ok, "\(machine) may be terminated")
        case .refused(let error) where error.code == "UnauthorizedOperation":
            return DoctorFinding(
                .terminate, .problem,
                "\(machine): \(missing.map { "\($0)" } ?? error.message)",
                advice: "attach aws/controller.json of `reconcile init aws`")
        case .some(let why):
            return DoctorFinding(.terminate, .unchecked, "\(machine): \(why)")
        }
    }

    private static func title(of launch: LaunchRehearsal.Launch) -> String {
        "\(launch.machine.instanceType) on \(launch.request.market.rawValue) in "
            + launch.machine.zone
    }

    private static func noun(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}

/// What a policy does not allow, out of EC2's encoded message.
struct MissingPermission: Hashable, Sendable, Decodable, CustomStringConvertible {
    private struct Context: Hashable, Decodable {
        var action: String
        var resource: String
    }

    private var explicitDeny: Bool
    private var context: Context

    /// Reads what STS decoded; nil for another form.
    init?(decoded text: String) {
        guard let read = try? CanonicalJSON.decode(Self.self, from: Array(text.utf8)) else {
            return nil
        }
        self = read
    }

    var description: String {
        "\(context.action) on \(context.resource) is "
            + (explicitDeny ? "denied by a policy" : "allowed by no policy")
    }
}
