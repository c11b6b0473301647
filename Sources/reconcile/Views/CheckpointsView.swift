import Training

/// The committed checkpoints of one run, newest first.
struct CheckpointsView: View {
    var run: RunName
    var checkpoints: [CheckpointStanding]

    struct Document: Encodable {
        var kind = "CheckpointList"
        var version = 1
        var run: RunName
        var checkpoints: [CheckpointStanding]
    }

    var document: Document { Document(run: run, checkpoints: checkpoints) }

    func text(_ style: TextStyle) -> String {
        guard !checkpoints.isEmpty else { return "\(run) has no committed checkpoint." }
        var header = ["CHECKPOINT", "STEP", "SIZE", "COMMITTED"]
        if style.isWide { header += ["PARENT", "GENERATION"] }
        let isVerified = checkpoints.contains { $0.verification != nil }
        if isVerified { header.append("BYTES") }
        header.append("USE")
        let table = Table(
            header: header,
            rows: checkpoints.map { checkpoint in
                var cells: [Table.Cell] = [
                    Table.Cell(checkpoint.id.description),
                    Table.Cell(checkpoint.step.map(String.init) ?? "-"),
                    Table.Cell(ByteCount.text(checkpoint.size)),
                    Table.Cell(checkpoint.committedAt.toSeconds),
                ]
                if style.isWide {
                    cells += [
                        Table.Cell(checkpoint.parent?.description ?? "-"),
                        Table.Cell("\(checkpoint.generation)"),
                    ]
                }
                if isVerified { cells.append(bytes(of: checkpoint)) }
                return cells + [Table.Cell(use(of: checkpoint), checkpoint.use.colour)]
            }
        ).text(style)
        let findings = checkpoints.compactMap { checkpoint in
            checkpoint.verification.flatMap { found in
                found.detail.map { "\(checkpoint.id) is \(found.result.rawValue): \($0)" }
            }
        }
        return ([table] + findings.map { style.wrapped(Plain.line($0), indent: 2) })
            .joined(separator: "\n")
    }

    private func bytes(of checkpoint: CheckpointStanding) -> Table.Cell {
        guard let result = checkpoint.verification?.result else { return Table.Cell("-") }
        let colour: TextStyle.Colour =
            switch result {
            case .valid: .green
            case .invalid: .red
            case .unknown: .yellow
            }
        return Table.Cell(result.rawValue, colour)
    }

    private func use(of checkpoint: CheckpointStanding) -> String {
        let use =
            switch checkpoint.use {
            case .next: "next"
            case .usable: "usable"
            case .quarantined: "quarantined: \(checkpoint.detail ?? "it did not verify")"
            case .retired: "retired"
            case .offLineage: "off lineage"
            case .otherGeneration: "generation \(checkpoint.generation)"
            }
        return use + (checkpoint.isHead ? ", head" : "")
    }
}

extension CheckpointStanding.Use {
    fileprivate var colour: TextStyle.Colour? {
        switch self {
        case .next: .green
        case .quarantined: .red
        case .retired, .offLineage, .otherGeneration: .faint
        case .usable: nil
        }
    }
}

/// Sizes for people: `512 B`, `1.5 KiB`, `20.0 GiB`.
enum ByteCount {
    static func text(_ count: Int) -> String {
        var tenths = count * 10
        guard count >= 1024 else { return "\(count) B" }
        for unit in ["KiB", "MiB", "GiB", "TiB"] {
            tenths /= 1024
            if tenths < 10_240 { return "\(tenths / 10).\(tenths % 10) \(unit)" }
        }
        return "\(tenths / 10240) PiB"
    }
}
