import AWS
import Training

/// What `reconcile init aws` was told: enough to write every file that an account needs.
struct SetupPlan: Hashable, Sendable {
    static let instanceRole = "holdfast-instance"
    static let controllerRole = "holdfast-controller"
    static let plannerRole = "holdfast-planner"

    var scope: String
    var state: S3Location
    var region: String
    /// The AWS account's 12 digits; nil: any account, to be narrowed by the reader.
    var account: String?
    /// Paths in SSM Parameter Store whose secrets machines may read.
    var secrets: [String]
    /// What machines may mount.
    var dataBuckets: [S3Location] = []
    /// ARNs of the KMS keys of customers that encrypt the state, the data or the secrets.
    var keys: [String] = []
    /// Names of parameters, besides AWS's own, that hold the ids of images.
    var imageParameters: [String] = []
    /// Whose workflows plan and apply; nil: nobody's.
    var workflow: Workflow?

    /// A repository on GitHub.
    struct Workflow: Hashable, Sendable {
        /// `OWNER/NAME`, as the subjects of GitHub's tokens begin.
        var repository: String
        /// Whose commits are applied.
        var branch: String
    }

    struct File: Hashable, Sendable {
        /// Relative to the folder that is written to.
        var path: String
        var text: String
        /// For the list that is shown.
        var purpose: String
    }

    /// `manifests` is the folder of the manifests in the repository.
    func files(manifests: String) -> [File] {
        let policies = IAMPolicies(plan: self)
        let files = [
            File(
                path: "\(manifests)/policy.yaml", text: policyManifest,
                purpose: "names the scope and its bucket"),
            File(
                path: "\(manifests)/profile.yaml", text: profileManifest,
                purpose: "says where machines are made"),
            File(
                path: "aws/controller.json", text: policies.controller.json,
                purpose: "IAM policy of whoever applies: CI on merge, or a control node"),
            File(
                path: "aws/planner.json", text: policies.planner.json,
                purpose: "IAM policy for `plan` on pull requests: reads, changes nothing"),
            File(
                path: "aws/instance.json", text: policies.instance.json,
                purpose: "IAM policy of the machines' role: writes, deletes nothing"),
            File(
                path: "aws/instance-trust.json", text: policies.instanceTrust.json,
                purpose: "who may have that role: EC2"),
            File(
                path: "aws/bucket-policy.json", text: policies.bucketPolicy.json,
                purpose: "no checkpoint is ever overwritten, nothing travels in the clear"),
        ]
        guard let workflow, let account else { return files }
        let trust = WorkflowTrust(account: account, region: region, workflow: workflow)
        return files + [
            File(
                path: "aws/planner-trust.json", text: trust.planner.json,
                purpose: "who may plan: workflows on pull requests of \(workflow.repository)"),
            File(
                path: "aws/controller-trust.json", text: trust.controller.json,
                purpose: "who may apply: workflows on its branch \(workflow.branch)"),
        ]
    }

    private var policyManifest: String {
        """
        # One policy per repository: the set of machines that it owns, and where its state is.
        kind: policy
        scope: \(scope)
        state: \(state)
        state_region: \(region)
        max_terminations: 20%     # of the living machines, in one hour, by removal or relaunch
        max_launches: 50          # under way at once

        """
    }

    private var profileManifest: String {
        """
        # Where and how machines are made; a training names it as `profile: \(profileName)`.
        kind: profile
        name: \(profileName)
        region: \(region)
        # zones: [\(region)a]                # default: every zone with a usable subnet
        # subnets: [subnet-…]                # default: the default subnets of the default VPC
        # security_groups: [sg-…]            # default: the VPC's default group
        instance_profile: \(SetupPlan.instanceRole)
        trainer_user: trainer                # unprivileged; reaches no instance metadata

        """
    }

    private var profileName: String { region }

    /// What a person does with the files, as commands of the AWS CLI.
    var steps: [String] {
        let role = SetupPlan.instanceRole
        return [
            "aws iam create-role --role-name \(role) "
                + "--assume-role-policy-document file://aws/instance-trust.json",
            "aws iam put-role-policy --role-name \(role) --policy-name holdfast "
                + "--policy-document file://aws/instance.json",
            "aws iam create-instance-profile --instance-profile-name \(role)",
            "aws iam add-role-to-instance-profile --instance-profile-name \(role) "
                + "--role-name \(role)",
            "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com",
            "aws s3api put-bucket-policy --bucket \(state.bucket) "
                + "--policy file://aws/bucket-policy.json",
        ] + workflowSteps
    }

    private var workflowSteps: [String] {
        guard workflow != nil else { return [] }
        let roles = [("planner", SetupPlan.plannerRole), ("controller", SetupPlan.controllerRole)]
        return [
            "aws iam create-open-id-connect-provider --url https://\(WorkflowTrust.issuer) "
                + "--client-id-list \(WorkflowTrust.audience)"
        ]
            + roles.flatMap { file, role in
                [
                    "aws iam create-role --role-name \(role) "
                        + "--assume-role-policy-document file://aws/\(file)-trust.json",
                    "aws iam put-role-policy --role-name \(role) --policy-name holdfast "
                        + "--policy-document file://aws/\(file).json",
                ]
            }
    }
}
