import Training

/// The fields of `kind: training`.
///
/// The defaults are those of `RunSpec`.
enum TrainingFields {
    static let table = FieldTable(
        blank: blank, identity + placement + commands + endings + later,
        rules: [resumeNeedsCheckpoint])

    /// `name` and `run` are required, so that these two are always replaced.
    fileprivate static let blank: RunSpec = {
        guard let name = RunName("unnamed") else { preconditionFailure("a legal name") }
        return RunSpec(name: name, run: "")
    }()

    private static let identity: [Field<RunSpec>] = [
        .required(
            "name", \.name, .runName, "The run's identity over all its attempts and machines."),
        .fixed(
            "kind", .word(["training"]), is: "training",
            "What the document declares; `policy` is the other kind."),
        .value(
            "state", \.state, .choice(DesiredState.self),
            "What the run should be. Stopping and terminating drain it first."),
        .value("labels", \.labels, .labels, "For people, and for selecting runs."),
    ]

    private static let placement: [Field<RunSpec>] = [
        .group("resources", ResourceFields.table, "What the machine must have."),
        .fixed("num_nodes", .nodeCount, is: 1, "Machines of one attempt."),
        .optional(
            "workdir", \.workdir, .folder, unset: "the run brings no source",
            "The source: a folder of this repository at the reconciled commit."),
    ]

    private static let commands: [Field<RunSpec>] = [
        .optional(
            "setup", \.setup, .text, "A command that prepares the machine, before every start."),
        .required("run", \.run, .text, "The command of the first start."),
        .optional(
            "resume", \.resume, .resumeCommand,
            unset: "`run` again, with the checkpoint's files back at their own paths",
            "The command when a valid checkpoint exists; `{checkpoint}` becomes its absolute path."
        ),
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
        .fixed(
            "on_failure", .word(["terminate"], later: ["keep"]), is: "terminate",
            "What happens to the machine of a failed run."),
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
        .later("profile", "Where and how on EC2."),
        .later("file_mounts", "Files fetched before setup."),
        .later("secrets", "Values resolved on the machine."),
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
        guard let resume = node["resume"], spec.resume != nil, spec.checkpoint == nil,
            spec.resumeFrom == nil
        else { return }
        findings.within("resume") {
            $0.report(
                "there is never a checkpoint to resume from: the field `checkpoint` is missing",
                at: resume.position)
        }
    }
}

/// The fields of `resources`.
private enum ResourceFields {
    static let table = FieldTable(
        blank: TrainingFields.blank,
        [
            .value(
                "use_spot", \.market, .boolean(true: .spot, false: .onDemand),
                "One-time spot machines, which may be taken away."),
            .later("accelerators", "GPUs by name and number."),
            .later("instance_type", "An EC2 instance type."),
            .later("any_of", "Alternatives without preference."),
            .later("ordered", "Alternatives in order of preference."),
            .later("infra", "Cloud, region and zone in one."),
            .later("region", "An EC2 region."),
            .later("zone", "An EC2 zone."),
            .later("disk_size", "GiB."),
            .later("image_id", "The machine image."),
            .later("labels", "Tags of the machine."),
            .later("job_recovery", "SkyPilot's name for what Holdfast always does."),
            .later("max_hourly_cost", "USD."),
            .later("fallback", "What to do when no spot pool has capacity."),
            .later("spot", "Persistent spot machines."),
        ])
}
