package import Training

/// Where a run lives on its machine.
package struct WorkingPlace: Hashable, Sendable {
    /// The absolute path of the working directory.
    package var work: String

    package init(work: String) {
        self.work = work
    }

    /// The folder that the trainer writes checkpoints to: the glob's path up to its first wildcard.
    package func checkpointDirectory(_ policy: CheckpointPolicy?) -> String {
        let parts = (policy?.path ?? "").split(separator: "/").dropLast()
        let fixed = parts.prefix { part in !part.contains { "*?[{".contains($0) } }
        return ([work] + fixed.map(String.init)).joined(separator: "/")
    }
}

/// How a manifest's commands become processes.
package enum RunCommand {
    /// `text` with every `{checkpoint}` replaced by the shell-quoted absolute path.
    package static func substituting(_ text: String, checkpoint path: String) -> String {
        let mark = "{checkpoint}"
        var rest = Substring(text)
        var result = ""
        while let start = rest.firstIndex(of: "{") {
            result += rest[..<start]
            rest = rest[start...]
            if rest.hasPrefix(mark) {
                result += quoted(path)
                rest = rest.dropFirst(mark.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result + rest
    }

    /// `text` as one word of a POSIX shell.
    ///
    /// By scalars: an apostrophe ends the word for the shell whatever combines with it.
    package static func quoted(_ text: String) -> String {
        var word = "'".unicodeScalars
        for scalar in text.unicodeScalars {
            if scalar == "'" {
                word += "'\\''".unicodeScalars
            } else {
                word.append(scalar)
            }
        }
        return String(word) + "'"
    }

    /// The variables of setup and run: the manifest's own, then those that every run can rely on.
    package static func environment(
        _ spec: RunSpec, attempt: Int, node: Int, place: WorkingPlace, resumeFrom path: String?
    ) -> [String: String] {
        var variables = spec.envs
        variables["RUN_NAME"] = spec.name.text
        variables["ATTEMPT"] = "\(attempt)"
        variables["NODE_RANK"] = "\(node)"
        variables["NODE_COUNT"] = "1"
        variables["MASTER_ADDR"] = "127.0.0.1"
        variables["CHECKPOINT_DIR"] = place.checkpointDirectory(spec.checkpoint)
        if let path { variables["RESUME_FROM"] = path }
        // One W&B run over all attempts of a generation; its own variables win.
        if variables["WANDB_RUN_ID"] == nil {
            variables["WANDB_RUN_ID"] = "\(spec.name)-\(spec.generation)"
        }
        if variables["WANDB_RESUME"] == nil { variables["WANDB_RESUME"] = "allow" }
        return variables
    }
}
