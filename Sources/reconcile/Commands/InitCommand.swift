import AWS
import ArgumentParser
import Glibc
import Training

/// `reconcile init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write what a new place needs, as files to review.",
        subcommands: [InitAWSCommand.self])
}

/// `reconcile init aws`.
struct InitAWSCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "aws",
        abstract: "Write policy, profile and IAM policies for EC2 and S3.",
        discussion: """
            Writes into the current folder: the manifests `kind: policy` and `kind: profile`, the \
            least rights of everybody who takes part, and the bucket's policy. Nothing is changed \
            in AWS, unless --create-bucket is given; the commands that take the files there are \
            shown. Files that exist already are left as they are. Then: `reconcile doctor`.
            """)

    @Option(help: ArgumentHelp("Bucket and prefix of all state.", valueName: "s3://bucket/prefix"))
    var bucket: String

    @Option(help: "The region of bucket and machines. Default: that of the AWS configuration.")
    var region: String?

    @Option(help: "Names the set of machines that this repository owns.")
    var scope = "default"

    @Option(help: ArgumentHelp("The AWS account's 12 digits, to narrow the policies to."))
    var account: String?

    @Option(
        help: ArgumentHelp(
            "A path of SSM parameters whose secrets machines may read; may be repeated.",
            valueName: "/path"))
    var secrets: [String] = []

    @Option(
        name: .customLong("data-bucket"),
        help: ArgumentHelp(
            "A place of `file_mounts` that machines may read; may be repeated.",
            valueName: "s3://bucket/prefix"))
    var dataBuckets: [String] = []

    @Option(
        name: .customLong("kms-key"),
        help: ArgumentHelp(
            "A key of yours that encrypts the state, the data or the secrets; may be repeated.",
            valueName: "arn"))
    var keys: [String] = []

    @Option(
        name: .customLong("image-parameter"),
        help: ArgumentHelp(
            "A parameter of yours that an `image_id` names; may be repeated.", valueName: "/name"))
    var imageParameters: [String] = []

    @Option(
        help: ArgumentHelp(
            "The repository whose workflows plan on pull requests, and apply on --ref (main).",
            valueName: "owner/name"))
    var github: String?

    @Flag(
        name: .customLong("create-bucket"),
        help: "Also make the bucket: private, and cleaned of unfinished uploads.")
    var createsBucket = false

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let plan = try plan(
            workplace.surroundings, applying: workplace.configuration.ref ?? "main")
        var written: [SetupView.Row] = []
        for file in plan.files(manifests: workplace.configuration.path) {
            let path = workplace.surroundings.absolute(file.path)
            let isNew = access(path, F_OK) != 0
            if isNew { try LocalText.write(Array(file.text.utf8), creatingFoldersTo: path) }
            written.append(
                SetupView.Row(path: file.path, isNew: isNew, purpose: file.purpose))
        }
        let made = createsBucket ? try await makeBucket(plan, workplace.surroundings) : nil
        workplace.output.show(
            SetupView(files: written, bucket: plan.state.bucket, made: made, steps: plan.steps))
        return .success
    }

    private func plan(
        _ surroundings: Surroundings, applying branch: String
    ) throws(CommandFailure) -> SetupPlan {
        guard let location = S3Location(bucket) else {
            throw CommandFailure(
                "--bucket: \(Plain.line(bucket)) is not \(S3Location.textForm)",
                advice: "a bucket has 3 to 63 lower-case letters, digits and hyphens")
        }
        let configured: String?
        do {
            configured = try SharedConfiguration(environment: surroundings.environment).region
        } catch {
            throw CommandFailure(error.description)
        }
        guard let region = region ?? configured, AWSPartition(region: region) != nil else {
            throw CommandFailure("no region is named", advice: "name it with --region us-east-1")
        }
        guard account.map({ $0.utf8.count == 12 && Int($0) != nil }) ?? true else {
            throw CommandFailure("--account: 12 digits are expected")
        }
        guard RunName(scope) != nil else {
            throw CommandFailure("--scope: a DNS label is expected, such as research")
        }
        var plan = SetupPlan(
            scope: scope, state: location, region: region, account: account, secrets: secrets)
        plan.dataBuckets = try dataBuckets.map { text throws(CommandFailure) in
            guard let place = S3Location(text) else {
                throw CommandFailure(
                    "--data-bucket: \(Plain.line(text)) is not \(S3Location.textForm)")
            }
            return place
        }
        plan.keys = try checkedKeys()
        plan.imageParameters = try checkedImageParameters()
        plan.workflow = try workflow(applying: branch)
        return plan
    }

    /// A policy that names an alias, or a pattern, would grant nothing, or too much.
    private func checkedKeys() throws(CommandFailure) -> [String] {
        for key in keys {
            let parts = key.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 6, parts[0] == "arn", parts[2] == "kms",
                parts[5].hasPrefix("key/"), !key.contains("*")
            else {
                throw CommandFailure(
                    "--kms-key: \(Plain.line(key)) is not the ARN of a key",
                    advice: "such as arn:aws:kms:us-east-1:123456789012:key/1234abcd-…; of an "
                        + "alias, name the key behind it")
            }
        }
        return keys
    }

    private func checkedImageParameters() throws(CommandFailure) -> [String] {
        for name in imageParameters {
            guard name.hasPrefix("/"), !name.contains("*") else {
                throw CommandFailure(
                    "--image-parameter: \(Plain.line(name)) is no parameter's whole name",
                    advice: "such as /research/image, as in `image_id: ssm:/research/image`")
            }
        }
        return imageParameters
    }

    private func workflow(
        applying branch: String
    ) throws(CommandFailure) -> SetupPlan.Workflow? {
        guard let github else { return nil }
        let parts = github.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = github.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && !"*?:".utf8.contains(byte)
        }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain else {
            throw CommandFailure("--github: \(Plain.line(github)) is not owner/name")
        }
        guard account != nil else {
            throw CommandFailure(
                "--github needs --account",
                advice: "a role trusts the account's own provider of GitHub's tokens")
        }
        return SetupPlan.Workflow(repository: github, branch: branch)
    }

    /// True when it was made, false when it was there and is ours.
    private func makeBucket(
        _ plan: SetupPlan, _ surroundings: Surroundings
    ) async throws(CommandFailure) -> Bool {
        let cloud = try CloudPlace(environment: surroundings.environment)
        let bucket = Bucket(plan.state.bucket, region: plan.region, client: cloud.client)
        do {
            // S3's first region answers as if it had made a bucket that was ours already.
            let isThere = (try? await bucket.confirm()) != nil
            let isNew = isThere ? false : try await bucket.create()
            try await bucket.blockPublicAccess()
            // Of an older bucket the rules are its owner's.
            if isNew { try await bucket.expireUnfinishedUploads(afterDays: 7) }
            return isNew
        } catch {
            throw CommandFailure("the bucket \(plan.state.bucket) cannot be made: \(error)")
        }
    }
}
