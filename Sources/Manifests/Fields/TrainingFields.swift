import Training

/// The fields of `kind: training`.
///
/// The defaults are those of `RunSpec`.
enum TrainingFields {
    static let table = FieldTable(
        blank: blank, identity + placement + commands + endings + later,
        rules: [resumeNeedsCheckpoint, variablesAreSetOnce, retriesAreSaidOnce])

    /// `name` and `run` are required, so that these two are always replaced.
    private static let blank: RunSpec = {
        guard let name = RunName("unnamed") else { preconditionFailure("a legal name") }
        return RunSpec(name: name, run: "")
    }()

    private static let identity: [Field<RunSpec>] = [
        .required(
            "name", \.name, .runName, "The run's identity over all its attempts and machines."),
        .fixed(
            "kind", .word(["training"]), is: "training",
            "What the document declares; `policy` and `profile` are the other kinds."),
        .value(
            "state", \.state, .choice(DesiredState.self),
            "What the run should be. Stopping and terminating drain it first."),
        .value("labels", \.labels, .labels, "For people, and for selecting runs."),
    ]

    private static let placement: [Field<RunSpec>] = [
        .optional(
            "profile", \.profile, .label,
            "The document `kind: profile` that says where and how on EC2; not needed with the "
                + "embedded provider."),
        .value(
            "resources", \.declaredResources, .object(ResourceFields.table),
            "What the machine must be, and what it may cost."),
        .fixed("num_nodes", .nodeCount, is: 1, "Machines of one attempt."),
        .optional(
            "workdir", \.workdir, .folder, unset: "the run brings no source",
            "The source: a folder of this repository at the reconciled commit."),
    ]

    private static let commands: [Field<RunSpec>] = [
        .value(
            "file_mounts", \.fileMounts, .fileMounts,
            "Folders of the machine that are filled from S3 before `setup`; SkyPilot's form "
                + "`{source: s3://…, mode: COPY}` is the same. Not with the embedded provider."),
        .optional(
            "setup", \.setup, .text, "A command that prepares the machine, before every start."),
        .required("run", \.run, .text, "The command of the first start."),
        .optional(
            "resume", \.resume, .text,
            unset: "`run` again, with the checkpoint's files back at their own paths",
            "The command when a valid checkpoint exists; `{checkpoint}` becomes its absolute path, "
                + "and may be missing only where `checkpoint.path` is one file's own name."),
        .optional(
            "resume_from", \.resumeFrom, .checkpoint,
            "A checkpoint of this or another run to start from."),
        .value(
            "generation", \.generation, .integer(1...Int.max),
            "Raise it to start afresh: checkpoints of older generations are not used."),
        .optional(
            "on_change", \.onChange, .choice(ChangePolicy.self),
            unset: "`relaunch`; `next-attempt` when only the code changed",
            "What a change does that cannot be applied to the living attempt."),
        .value(
            "envs", \.envs, .variables,
            "Environment variables, taken as written. Git is no place for secrets."),
        .value(
            "secrets", \.secrets, .secrets,
            "Environment variables whose values the machine reads from SSM Parameter Store; they "
                + "stand in no record of Holdfast. Not with the embedded provider."),
        .optional(
            "checkpoint", \.checkpoint, .object(CheckpointFields.table),
            unset: "nothing is saved, every attempt starts afresh",
            "How checkpoints look and how many are kept."),
    ]

    private static let endings: [Field<RunSpec>] = [
        .value(
            "stop", \.stop, .object(StopFields.table),
            "How the processes of the run are asked to stop."),
        .value(
            "interruption", \.interruption, .choice(InterruptionPolicy.self),
            "What losing the machine means."),
        .value(
            "completion", \.completion, .object(CompletionFields.table),
            "The evidence that makes an exit a completion: all that is named must hold."),
        .value(
            "on_completion", \.onCompletion, .choice(EndPolicy.self),
            "What happens to the machine of a completed run."),
        .value(
            "on_failure", \.onFailure, .onFailure,
            "What happens to the machine of a failed run; it may be kept for a look inside."),
        .value(
            "retries", \.retries, .object(RetryFields.table),
            "Errors without progress; interruptions and missing capacity never count."),
        .optional(
            "max_duration", \.maxDuration, .duration(), unset: "unlimited",
            "Training time over all attempts."),
        .optional(
            "suspend", \.suspend, .object(SuspendFields.table),
            "A pause: nothing is done about the run."),
        .value(
            "on_removal", \.onRemoval, .choice(EndPolicy.Removal.self),
            "What removing the manifest does to the machine."),
    ]

    private static let later: [Field<RunSpec>] = [
        .later("outputs", "Files uploaded and verified at completion."),
        .later("progress", "How progress and a stall are recognised."),
        .later("utilization", "What an idle GPU means."),
        .later("deadline", "When the run must be done."),
        .later("expected_duration", "How long the run will train."),
        .later("budget", "How much the run may cost."),
        .later("hooks", "Commands at moments of a machine's life."),
        .later("priority", "Which run goes first."),
        .later("depends_on", "Runs that must be done before."),
        .later("volumes", "Disks that outlive a machine."),
    ]

    private static let resumeNeedsCheckpoint: FieldTable<RunSpec>.Rule = { spec, node, findings in
        guard let resume = node["resume"], let command = spec.resume else { return }
        let problem: String
        if spec.checkpoint == nil, spec.resumeFrom == nil {
            problem =
                "there is never a checkpoint to resume from: the field `checkpoint` is missing"
        } else if !command.contains("{checkpoint}"), !isOneName(spec.checkpoint) {
            problem =
                "the command must hold `{checkpoint}`, which becomes the checkpoint's absolute "
                + "path, since `checkpoint.path` is no file's own name; to run the first command "
                + "again leave the field out"
        } else {
            return
        }
        findings.within("resume") { $0.report(problem, at: resume.position) }
    }

    /// Whether a trainer knows without being told where its checkpoint stands.
    private static func isOneName(_ checkpoint: CheckpointPolicy?) -> Bool {
        guard let path = checkpoint?.path else { return false }
        return !path.contains { "*?[".contains($0) }
    }

    private static let variablesAreSetOnce: FieldTable<RunSpec>.Rule = { spec, node, findings in
        guard !spec.secrets.isEmpty, !spec.envs.isEmpty, let secrets = node["secrets"],
            case .mapping(let entries) = secrets.content
        else { return }
        for entry in entries where spec.envs[entry.key] != nil {
            findings.within("secrets") { findings in
                findings.within(entry.key) {
                    $0.report("`envs` sets this variable, too", at: entry.keyPosition)
                }
            }
        }
    }

    private static let retriesAreSaidOnce: FieldTable<RunSpec>.Rule = { _, node, findings in
        guard let retries = node["retries"], !retries.isNull,
            let recovery = node["resources"]?["job_recovery"],
            recovery["max_restarts_on_errors"]?.isNull == false
        else { return }
        findings.within("resources") { findings in
            findings.within("job_recovery") {
                $0.report(
                    "`retries` says how often a failed run is tried again", at: recovery.position)
            }
        }
    }
}
