/// What `reconcile doctor` found.
struct DoctorView: View {
    var findings: [DoctorFinding]

    struct Document: Encodable {
        var kind = "Doctor"
        var version = 1
        var findings: [DoctorFinding]
        var isReady: Bool
    }

    var document: Document { Document(findings: findings, isReady: isReady) }

    /// Nothing that was found would stop a run.
    var isReady: Bool { findings.allSatisfy { $0.verdict != .problem } }

    func text(_ style: TextStyle) -> String {
        let rows = findings.flatMap { finding -> [[Table.Cell]] in
            let row: [Table.Cell] = [
                mark(finding.verdict), Table.Cell(finding.check.rawValue),
                Table.Cell(finding.detail),
            ]
            guard let advice = finding.advice, finding.verdict != .ok else { return [row] }
            return [row, ["", "", Table.Cell("→ \(advice)", .cyan)]]
        }
        return Table(header: [], rows: rows, wraps: true).text(style) + "\n\n" + summary(style)
    }

    private func mark(_ verdict: DoctorFinding.Verdict) -> Table.Cell {
        switch verdict {
        case .ok: Table.Cell("ok", .green)
        case .warning: Table.Cell("warning", .yellow)
        case .problem: Table.Cell("problem", .red)
        case .unchecked: Table.Cell("unchecked", .faint)
        }
    }

    private func summary(_ style: TextStyle) -> String {
        let counts = [
            count(.problem, "problem", "problems"), count(.warning, "warning", "warnings"),
            count(.unchecked, "not checked", "not checked"),
        ].compactMap { $0 }
        let verdict =
            isReady
            ? style.paint("Ready:", .green) + " nothing that was found would stop a run"
            : style.paint("Not ready", .red)
        return verdict + (counts.isEmpty ? "." : " (\(counts.joined(separator: ", "))).")
    }

    private func count(_ verdict: DoctorFinding.Verdict, _ one: String, _ many: String) -> String? {
        let count = findings.count { $0.verdict == verdict }
        return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
    }
}
