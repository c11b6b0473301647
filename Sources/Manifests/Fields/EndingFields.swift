import Training

/// The fields of `stop`.
enum StopFields {
    static let table = FieldTable(
        blank: StopPolicy(),
        [
            .value(
                "signal", \.signal, .choice(StopPolicy.Signal.self),
                "Sent to every process of the run."),
            .value("grace", \.grace, .duration(), "From the signal to SIGKILL."),
            .value(
                "on_timeout", \.onTimeout, .choice(StopPolicy.OnTimeout.self),
                "What happens when the last checkpoint is not safe in time: `hold` keeps the "
                    + "machine until a person decides."),
        ])
}

/// The fields of `completion`.
enum CompletionFields {
    static let table = FieldTable(
        blank: CompletionRule(),
        [
            .value(
                "exit_code", \.exitCode, .integer(0...255),
                "The command's exit code; an exit after our own signal is never completion by "
                    + "it alone."),
            .optional(
                "file", \.file, .relativePath("path"),
                "A file that must exist, relative to the working directory."),
            .optional(
                "json", \.json, .object(evidence), "A number in a JSON file that must be reached."),
            .later("step", "A step that must be reached."),
            .later("log", "A line of the log."),
            .later("s3", "An object that must exist."),
        ])

    private static let evidence = FieldTable(
        blank: CompletionRule.JSONEvidence(file: "", field: "", atLeast: 0),
        [
            .required(
                "file", \.file, .relativePath("path"), "Relative to the working directory."),
            .required(
                "field", \.field, .text, "Dots go into objects: `trainer.global_step`."),
            .required("at_least", \.atLeast, .number, "The number that must be reached."),
        ])
}

/// The fields of `retries`.
enum RetryFields {
    static let table = FieldTable(
        blank: RetryPolicy(),
        [
            .value("limit", \.limit, .integer(0...1000), "Failures in a row without progress."),
            .value(
                "backoff", \.backoff, .duration(atLeast: 0),
                "Before the first retry; doubled for each one after it, at most one hour."),
        ])
}

/// The fields of `suspend`.
enum SuspendFields {
    static let table = FieldTable(
        blank: Suspension(reason: ""),
        [
            .required("reason", \.reason, .text, "Shown wherever the run is shown."),
            .optional(
                "until", \.until, .moment, unset: "until the field is removed",
                "When the pause ends."),
        ])
}

extension ValueType<FailurePolicy> {
    /// `terminate`, or `keep` and a span.
    static let onFailure = ValueType.strings(
        "`terminate` or `keep SPAN`",
        schema: ["type": "string", "pattern": "^(terminate|keep [0-9]+[smhd])$"]
    ) { text, position, findings in
        if text == "terminate" { return .terminate }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "keep" else {
            findings.report("expected terminate, or keep and a span: keep 2h", at: position)
            return nil
        }
        guard let span = span(String(words[1]), at: position, &findings) else { return nil }
        guard (60...longestLook).contains(span) else {
            findings.report("a machine is kept for 60s to 30d", at: position)
            return nil
        }
        return .keep(span)
    } show: {
        switch $0 {
        case .terminate: .string("terminate")
        case .keep(let span): .string("keep \(span)")
        }
    }
}

/// A kept machine costs money until somebody remembers it.
private let longestLook = Seconds.hours(24 * 30)
