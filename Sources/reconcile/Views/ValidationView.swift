import Training

/// What validation found; its errors themselves go to standard error, as compilers write them.
struct ValidationView: View {
    var files: Int
    var runs: [RunName]
    var diagnostics: [Diagnostic]

    struct Document: Encodable {
        var kind = "Validation"
        var version = 1
        var files: Int
        var runs: [RunName]
        var diagnostics: [Diagnostic]
        var isValid: Bool
    }

    var document: Document {
        Document(
            files: files, runs: runs, diagnostics: diagnostics, isValid: diagnostics.isEmpty)
    }

    func text(_ style: TextStyle) -> String {
        let subject = "\(noun(files, "file")), \(noun(runs.count, "run"))"
        return diagnostics.isEmpty
            ? "\(style.paint("Valid:", .green)) \(subject)."
            : style.paint("Not valid:", .red)
                + " \(noun(diagnostics.count, "error")) in \(subject)."
    }

    private func noun(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
