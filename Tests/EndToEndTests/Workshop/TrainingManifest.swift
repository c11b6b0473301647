/// A training with the tests' own trainer; what is not set is left out of its manifest.
struct TrainingManifest: Sendable {
    var name = "a"
    var steps = 100_000
    var every = 5
    /// A word before the command: how it is launched.
    var launcher = "exec"
    /// More options of the trainer.
    var options = "--step-time 0.02"
    /// nil: the manifest has no `resume`.
    var resume: String? = "--resume {checkpoint}"
    var checkpoint = #"{path: "checkpoints/step-*.json", every: 1s, keep: 100}"#
    /// More lines.
    var lines: [String] = []

    var command: String {
        "\(launcher == "exec" ? "" : "./launch \(launcher) ")python3 stepper.py "
            + "--steps \(steps) --every \(every) \(options)"
    }

    var yaml: String {
        let standard = [
            "name: \(name)", "workdir: trainer", "run: \(command)",
            resume.map { "resume: \(command) \($0)" } ?? "",
            "checkpoint: \(checkpoint)", "stop: {grace: 10s}",
            "completion: {file: final.json}", "retries: {limit: 2, backoff: 0s}",
        ]
        let given = Set(lines.map { $0.prefix { $0 != ":" } })
        return (standard.filter { !given.contains($0.prefix { $0 != ":" }) } + lines)
            .joined(separator: "\n") + "\n"
    }
}
