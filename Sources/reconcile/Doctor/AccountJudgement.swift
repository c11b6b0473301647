import AWS
import Training

/// What the answers about an account mean; pure.
enum AccountJudgement {
    // MARK: Who asks

    static func identity(
        _ answer: Result<CallerIdentity, Unanswered>, from place: Result<String, Unanswered>
    ) -> DoctorFinding {
        switch (place, answer) {
        case (.failure(let why), _):
            DoctorFinding(
                .credentials, .problem, why.detail,
                advice: "give this machine a role, or set AWS_PROFILE")
        case (.success(let place), .failure(let why)):
            DoctorFinding(
                .credentials, .problem, "those of \(place) are not taken: \(why.detail)",
                advice: "check them with `aws sts get-caller-identity`")
        case (.success(let place), .success(let identity)):
            DoctorFinding(
                .credentials, .ok,
                "\(identity.arn), of account \(identity.account), by \(place)")
        }
    }

    /// `here`: this machine's clock when the answer came.
    static func clock(_ there: Timestamp?, here: Timestamp) -> DoctorFinding {
        guard let there else {
            return DoctorFinding(.clock, .unchecked, "no answer of AWS told the time")
        }
        let ahead = here.since(there).count
        // AWS gives whole seconds.
        guard abs(ahead) > 60 else {
            return DoctorFinding(.clock, .ok, "within a minute of AWS's")
        }
        let side = ahead > 0 ? "ahead of" : "behind"
        return DoctorFinding(
            .clock, abs(ahead) > 240 ? .problem : .warning,
            "\(abs(ahead)) s \(side) AWS's, which refuses requests that are five minutes off",
            advice: "let this machine set its clock, as chrony and systemd-timesyncd do")
    }

    // MARK: What it may have

    static func spotRole(_ answer: Result<Bool, Unanswered>) -> DoctorFinding {
        switch answer {
        case .success(true):
            DoctorFinding(.spotRole, .ok, "the account has EC2's role for spot")
        case .success(false):
            DoctorFinding(
                .spotRole, .problem, "the account lacks EC2's role for spot",
                advice: "make it once: "
                    + "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com")
        case .failure(let why):
            DoctorFinding(
                .spotRole, .unchecked, "EC2's role for spot: \(why.detail)",
                advice: "iam:GetRole on AWSServiceRoleForEC2Spot lets it be seen")
        }
    }

    /// What the runs need of one quota in one region.
    struct Need: Hashable, Sendable {
        var quota: CPUQuota
        var region: String
        /// CPUs of each machine.
        var machines: [Int]

        var total: Int { machines.reduce(0, +) }
    }

    static func quota(_ need: Need, _ answer: Result<Int, Unanswered>) -> DoctorFinding {
        let subject = "\(need.quota.name) in \(need.region)"
        let advice =
            "ask for more: aws service-quotas request-service-quota-increase --service-code ec2 "
            + "--quota-code \(need.quota.code) --region \(need.region) "
            + "--desired-value \(need.total)"
        switch answer {
        case .failure(let why):
            return DoctorFinding(
                .quota, .unchecked, "\(subject): \(why.detail); the runs need \(need.total) CPUs",
                advice: "servicequotas:GetServiceQuota lets it be seen")
        case .success(let limit) where need.machines.allSatisfy { $0 > limit }:
            return DoctorFinding(
                .quota, .problem,
                "\(subject): \(limit) CPUs, but one machine needs \(need.machines.min() ?? 0)",
                advice: advice)
        case .success(let limit) where limit < need.total:
            return DoctorFinding(
                .quota, .warning,
                "\(subject): \(limit) CPUs, but all runs together need \(need.total)",
                advice: advice)
        case .success(let limit):
            return DoctorFinding(
                .quota, .ok, "\(subject): \(limit) CPUs, \(need.total) needed")
        }
    }

    // MARK: The agent

    /// `head`: the program's first bytes; nil where there is none.
    static func agent(_ head: [UInt8]?, at path: String) -> DoctorFinding {
        guard let head else {
            return DoctorFinding(
                .agent, .problem, "\(path): no such file",
                advice: "build it with `swift build -c release --static-swift-stdlib --product "
                    + "reconcile-agent`, or name it with --agent")
        }
        // ELF of 64 bits, least byte first; bytes 18 and 19 name the machine, 0x3E is x86-64.
        let isProgram = head.count >= 20 && head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
        guard isProgram, head[18] == 0x3E, head[19] == 0 else {
            return DoctorFinding(
                .agent, .problem,
                "\(path) is no program for Linux on x86-64, which machines would run",
                advice: "build reconcile-agent on Linux on x86-64, and name it with --agent")
        }
        return DoctorFinding(.agent, .ok, path)
    }

    static func storedAgent(_ answer: Result<Bool, Unanswered>) -> DoctorFinding {
        switch answer {
        case .success(true): DoctorFinding(.agent, .ok, "machines find it in the bucket")
        case .success(false):
            DoctorFinding(
                .agent, .ok, "not in the bucket yet: the first pass that applies puts it there")
        case .failure(let why):
            DoctorFinding(.agent, .unchecked, "whether machines find it: \(why.detail)")
        }
    }
}
