import Training

/// The fields of `checkpoint`.
enum CheckpointFields {
    static let table = FieldTable(
        blank: CheckpointPolicy(path: ""), shape + care, rules: [membersFitKind])

    private static let shape: [Field<CheckpointPolicy>] = [
        .required(
            "path", \.path, .relativePath("glob"),
            "Glob of files or directories below the working directory."),
        .value(
            "kind", \.kind, .choice(CheckpointPolicy.Kind.self),
            "`atomic` appears whole, `in-place` is one file rewritten, `directory` is complete "
                + "when its members are there."),
        .value(
            "members", \.members, .list(of: .relativePath("path")),
            "Directory: what must be there."),
        .optional(
            "last", \.last, .relativePath("path"),
            "Directory: the member that the trainer writes last."),
        .value(
            "ignore", \.ignore, .list(of: .relativePath("glob")),
            "Names that are never part of a checkpoint."),
        .optional(
            "format", \.format, .choice(CheckpointFormat.self), unset: "auto",
            "What is verified inside before a checkpoint is committed and before it is used, "
                + "without loading it; `auto` goes by the content, `files` looks at size and "
                + "SHA-256 alone."),
        .optional(
            "step", \.step, .stepPattern,
            "Where the step stands in the path, for people; order is the agent's own."),
    ]

    private static let care: [Field<CheckpointPolicy>] = [
        .value(
            "every", \.every, .duration(),
            "The expected cadence; a new checkpoint is uploaded at most this often."),
        .value(
            "keep", \.keep, .integer(2...1000), "Remote checkpoints that are kept."),
        .value(
            "on_invalid", \.onInvalid, .choice(CheckpointPolicy.OnInvalid.self),
            "What to go on from when the newest one does not verify; `previous` ends in a fresh "
                + "start."),
        .later("signal", "A signal that asks the trainer for a checkpoint."),
    ]

    private static let membersFitKind: FieldTable<CheckpointPolicy>.Rule = {
        policy, node, findings in
        let isDirectory = policy.kind == .directory
        let isKnown = policy.format?.isDirectory ?? false
        if isDirectory, policy.members.isEmpty, policy.last == nil, !isKnown {
            findings.report(
                "a directory needs `members`, `last` or a `format` of directories, which tell "
                    + "when it is complete",
                at: node.position)
        }
        if isKnown, !isDirectory, let value = node["format"] {
            findings.within("format") {
                $0.report("only for `kind: directory`", at: value.position)
            }
        }
        for name in ["members", "last"] where !isDirectory {
            guard let value = node[name], !value.isNull else { continue }
            findings.within(name) {
                $0.report("only for `kind: directory`", at: value.position)
            }
        }
    }
}
