import AWS
import Training

/// The least rights with which each part does its work.
struct IAMPolicies {
    let plan: SetupPlan

    private var partition: String {
        (AWSPartition(region: plan.region) ?? .aws).rawValue
    }
    private var account: String { plan.account ?? "*" }
    private var bucket: String { "arn:\(partition):s3:::\(plan.state.bucket)" }
    private var prefix: String { plan.state.prefix.isEmpty ? "" : plan.state.prefix + "/" }

    private func objects(_ below: String = "") -> String { "\(bucket)/\(prefix)\(below)*" }

    private func ec2(_ kind: String) -> String {
        "arn:\(partition):ec2:*:\(account):\(kind)/*"
    }

    // MARK: Whoever applies

    var controller: IAMPolicy {
        IAMPolicy(
            looking + [
                .allow(
                    "Launch", ["ec2:RunInstances"],
                    on: [
                        ec2("subnet"), ec2("security-group"), ec2("network-interface"),
                        ec2("key-pair"), "arn:\(partition):ec2:*::image/*",
                    ]),
                .allow(
                    "LaunchOnlyInScope", ["ec2:RunInstances"],
                    on: [
                        ec2("instance"), ec2("volume"), ec2("spot-instances-request"),
                    ], when: ["StringEquals": ["aws:RequestTag/\(Tag.scope)": plan.scope]]),
                .allow(
                    "TagAtLaunch", ["ec2:CreateTags"],
                    on: [
                        ec2("instance"), ec2("volume"), ec2("network-interface"),
                        ec2("spot-instances-request"),
                    ], when: ["StringEquals": ["ec2:CreateAction": "RunInstances"]]),
                .allow(
                    "OnlyOwnMachines",
                    [
                        "ec2:TerminateInstances", "ec2:StopInstances", "ec2:StartInstances",
                        "ec2:CreateTags", "ec2:GetConsoleOutput",
                    ], on: [ec2("instance")],
                    when: ["StringEquals": ["aws:ResourceTag/\(Tag.scope)": plan.scope]]),
                .allow(
                    "GiveMachinesTheirRole", ["iam:PassRole"],
                    on: [
                        "arn:\(partition):iam::\(account):role/\(SetupPlan.instanceRole)"
                    ], when: ["StringEquals": ["iam:PassedToService": "ec2.amazonaws.com"]]),
                .allow(
                    "WriteState", ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                    on: [objects()]),
            ] + keyStatements("WriteWithKeys", ["kms:GenerateDataKey"]) + examining)
    }

    /// What `reconcile doctor` asks besides; a run needs none of it.
    private var examining: [IAMPolicy.Statement] {
        [
            .allow(
                "LookAtBucket",
                ["s3:GetBucketPublicAccessBlock", "s3:GetLifecycleConfiguration"], on: [bucket]),
            .allow(
                "LookAtSpotRole", ["iam:GetRole"],
                on: [
                    "arn:\(partition):iam::\(account):role/aws-service-role/spot.amazonaws.com/"
                        + "AWSServiceRoleForEC2Spot"
                ]),
            .allow(
                "LookAtLimits",
                ["servicequotas:GetServiceQuota", "sts:DecodeAuthorizationMessage"], on: ["*"]),
        ]
    }

    // MARK: Whoever plans

    var planner: IAMPolicy { IAMPolicy(looking) }

    private var looking: [IAMPolicy.Statement] {
        [
            .allow(
                "Look",
                [
                    "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes",
                    "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeSpotPriceHistory",
                    "ec2:DescribeSubnets",
                ], on: ["*"]),
            .allow(
                "FindImages", ["ssm:GetParameter"],
                on: ["arn:\(partition):ssm:*::parameter/aws/service/*"]
                    + plan.imageParameters.map(parameter)),
            .allow("ReadState", ["s3:GetObject"], on: [objects()]),
            listing,
        ] + keyStatements("ReadWithKeys", ["kms:Decrypt"])
    }

    private func parameter(_ path: String) -> String {
        "arn:\(partition):ssm:*:\(account):parameter/"
            + path.split(separator: "/").joined(separator: "/")
    }

    /// S3 and SSM use a customer's key in the name of whoever calls them.
    private func keyStatements(_ sid: String, _ actions: [String]) -> [IAMPolicy.Statement] {
        plan.keys.isEmpty ? [] : [.allow(sid, actions, on: plan.keys)]
    }

    /// `IfExists`: requests about one object or the bucket itself bear no prefix, and S3 tells a
    /// missing object from a forbidden one only to those who may list for them too.
    private var listing: IAMPolicy.Statement {
        .allow(
            "ListState", ["s3:ListBucket"], on: [bucket], when: below(plan.state.prefix))
    }

    private func below(_ prefix: String) -> [String: [String: String]] {
        prefix.isEmpty ? [:] : ["StringLikeIfExists": ["s3:prefix": "\(prefix)/*"]]
    }

    // MARK: Machines

    /// A machine can add to what it made, and can neither change a ledger nor delete anything.
    var instance: IAMPolicy {
        var statements: [IAMPolicy.Statement] = [
            .allow("ReadState", ["s3:GetObject"], on: [objects()]), listing,
            .allow(
                "WriteOwnRecords", ["s3:PutObject"],
                on: [
                    objects("index/"), objects("heartbeats/"), objects("runs/"),
                ]),
            .allow("GiveUpUploads", ["s3:AbortMultipartUpload"], on: [objects("runs/")]),
        ]
        if !plan.secrets.isEmpty {
            statements.append(
                .allow(
                    "ReadSecrets", ["ssm:GetParameter"],
                    on: plan.secrets.map { parameter($0) + "/*" }))
        }
        return IAMPolicy(
            statements + mounting
                + keyStatements("UseKeys", ["kms:Decrypt", "kms:GenerateDataKey"]))
    }

    /// A mount is one object of that name, or all that is below it.
    private var mounting: [IAMPolicy.Statement] {
        guard !plan.dataBuckets.isEmpty else { return [] }
        let reading = plan.dataBuckets.flatMap { place in
            let bucket = "arn:\(partition):s3:::\(place.bucket)"
            return place.prefix.isEmpty
                ? ["\(bucket)/*"] : ["\(bucket)/\(place.prefix)", "\(bucket)/\(place.prefix)/*"]
        }
        return [.allow("ReadData", ["s3:GetObject"], on: reading)]
            + plan.dataBuckets.enumerated().map { number, place in
                .allow(
                    "ListData\(number + 1)", ["s3:ListBucket"],
                    on: ["arn:\(partition):s3:::\(place.bucket)"],
                    when: below(place.prefix))
            }
    }

    var instanceTrust: IAMPolicy {
        IAMPolicy([
            IAMPolicy.Statement(
                sid: "EC2", effect: .allow, principal: ["Service": "ec2.amazonaws.com"],
                action: ["sts:AssumeRole"], resource: nil, condition: nil)
        ])
    }

    // MARK: The bucket

    /// Conditional writes are what keeps a checkpoint from being overwritten: the bucket itself
    /// insists on them below `runs/`, whoever writes.
    ///
    /// Parts of a multipart upload are no writes of objects, see the condition
    /// `s3:ObjectCreationOperation` (S3 user guide, enforcing conditional writes).
    var bucketPolicy: IAMPolicy {
        IAMPolicy([
            .deny(
                "NeverOverwriteCheckpoints", ["s3:PutObject"], on: [objects("runs/")],
                when: [
                    "Null": ["s3:if-none-match": "true"],
                    "Bool": ["s3:ObjectCreationOperation": "true"],
                ]),
            .deny(
                "NothingInTheClear", ["s3:*"], on: [bucket, "\(bucket)/*"],
                when: [
                    "Bool": ["aws:SecureTransport": "false"]
                ]),
        ])
    }
}
