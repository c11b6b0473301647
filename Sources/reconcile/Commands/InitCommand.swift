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

    @Flag(
        name: .customLong("create-bucket"),
        help: "Also make the bucket: private, and cleaned of unfinished uploads.")
    var createsBucket = false

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let plan = try plan(workplace.surroundings)
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

    private func plan(_ surroundings: Surroundings) throws(CommandFailure) -> SetupPlan {
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
        return SetupPlan(
            scope: scope, state: location, region: region, account: account, secrets: secrets)
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
