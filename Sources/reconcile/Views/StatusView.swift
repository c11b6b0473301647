import Planning
import Training

/// The scope's conditions, then one line a run.
struct StatusView: View {
    var status: FleetStatus

    struct Document: Encodable {
        var kind = "Status"
        var version = 1
        var scope: String?
        var owner: ScopeRecord.Owner?
        var lastAttemptedRevision: Revision?
        var lastAppliedRevision: Revision?
        var conditions: [Condition]
        var runs: [PhaseDocument]
        var foreignInstances: [InstanceID]
        var diagnostics: [Diagnostic]
        var problems: [String]
    }

    var document: Document {
        Document(
            scope: status.scope, owner: status.owner, lastAttemptedRevision: status.attempted,
            lastAppliedRevision: status.applied, conditions: status.conditions,
            runs: status.plan?.phases.map(PhaseDocument.init) ?? [],
            foreignInstances: status.plan?.foreign.map(\.instance) ?? [],
            diagnostics: status.diagnostics, problems: status.problems)
    }

    func text(_ style: TextStyle) -> String {
        var parts = [facts.text(style), conditions.text(style)]
        if let phases = status.plan?.phases {
            parts.append(phases.isEmpty ? "No runs." : runs(phases, style).text(style))
        }
        if let foreign = status.plan?.foreign, !foreign.isEmpty {
            let rows = foreign.map { [Table.Cell($0.instance.text), Table.Cell($0.detail)] }
            parts.append(
                "Not ours, never touched:\n"
                    + Table(header: [], rows: rows, wraps: true, indent: 2).text(style))
        }
        return parts.joined(separator: "\n\n")
    }

    private var facts: Table {
        let rows: [(String, String?)] = [
            ("Scope", status.scope),
            ("Source", status.owner.map { "\($0.origin) \($0.ref) \($0.path)" }),
            ("Attempted", status.attempted?.description ?? "-"),
            ("Applied", status.applied?.description ?? "-"),
        ]
        return Table(
            header: [],
            rows: rows.compactMap { name, value in
                value.map { [Table.Cell(name, .faint), Table.Cell($0)] }
            },
            wraps: true)
    }

    private var conditions: Table {
        Table(
            header: ["CONDITION", "STATUS", "REASON", "MESSAGE"],
            rows: status.conditions.map { condition in
                [
                    Table.Cell(condition.type.rawValue),
                    Table.Cell(condition.status.rawValue, condition.colour),
                    Table.Cell(condition.reason), Table.Cell(condition.message),
                ]
            },
            wraps: true)
    }

    /// The embedded provider's machines have no type and no zone.
    private func machineCells(_ id: InstanceID?) -> [Table.Cell] {
        let instance = status.instances.first { $0.id == id }
        let pool = instance?.pool
        return [
            Table.Cell(id?.text ?? "-"), Table.Cell(pool?.instanceType ?? "-"),
            Table.Cell(pool?.zone ?? "-"), Table.Cell(instance?.market.rawValue ?? "-"),
        ]
    }

    private func runs(_ phases: [RunPhase], _ style: TextStyle) -> Table {
        var header = ["RUN", "PHASE", "ATTEMPT", "STEP", "CHECKPOINT"]
        if style.isWide { header += ["INSTANCE", "TYPE", "ZONE", "MARKET"] }
        header.append("WHY")
        return Table(
            header: header,
            rows: phases.map { phase in
                var cells: [Table.Cell] = [
                    Table.Cell(phase.run.text), Table.Cell(phase.phase.name, phase.phase.colour),
                    Table.Cell(phase.attempt.map(String.init) ?? "-"),
                    Table.Cell(phase.step.map(String.init) ?? "-"),
                    Table.Cell(phase.checkpoint?.description ?? "-"),
                ]
                if style.isWide { cells += machineCells(phase.instance) }
                return cells + [Table.Cell(phase.reason)]
            })
    }
}

extension Condition {
    /// Stalled is the one that is bad when true.
    fileprivate var colour: TextStyle.Colour? {
        switch (type, status) {
        case (_, .unknown): .yellow
        case (.reconciling, _): nil
        case (.stalled, .yes), (.ready, .no), (.healthy, .no): .red
        case (.stalled, .no), (.ready, .yes), (.healthy, .yes): .green
        }
    }
}

extension RunPhase.Phase {
    var colour: TextStyle.Colour? {
        switch self {
        case .training, .completed: .green
        case .failed, .held: .red
        case .interrupted, .draining, .unknown: .yellow
        case .pending, .launching, .starting, .stopped, .suspended, .terminated: nil
        }
    }
}
