import Planning
import Training

/// The story of one run, in the order in which a person asks: what was wanted, what is, what is
/// done about it, what to do.
struct ExplainView: View {
    var explanation: Explanation

    /// Attempts that are shown; the others are in `reconcile events`.
    static let attemptLimit = 5

    struct Document: Encodable {
        var kind = "Explanation"
        var version = 1
        var run: RunName
        var revision: Revision?
        var declared: RunSpec?
        var isChanged: Bool?
        var phase: PhaseDocument?
        var actions: [PlanDocument.Action]
        var blocked: [PlanDocument.Action]
        var inaction: ReasonDocument?
        var ledger: Ledger?
        var index: RunIndex?
        var instances: [InstanceDocument]
        var checkpoints: [CheckpointStanding]
        var advice: [String]
    }

    struct InstanceDocument: Encodable {
        var id: InstanceID
        var state: Instance.State
        var stateReason: String
        var attempt: Int?
        var launchedAt: Timestamp
        var isProtected: Bool
        /// Nil on the embedded provider, as is `zone`.
        var instanceType: String?
        var zone: String?
        var market: Market
    }

    var document: Document {
        Document(
            run: explanation.run, revision: explanation.revision, declared: explanation.declared,
            isChanged: explanation.isChanged, phase: explanation.phase.map { PhaseDocument($0) },
            actions: explanation.actions.map(PlanDocument.Action.init),
            blocked: explanation.blocked.map(PlanDocument.Action.init),
            inaction: explanation.inaction.map {
                ReasonDocument(code: $0.code, message: "\($0)")
            },
            ledger: explanation.records.ledger, index: explanation.records.index,
            instances: explanation.instances.map { instance in
                InstanceDocument(
                    id: instance.id, state: instance.state, stateReason: instance.stateReason,
                    attempt: instance.attempt, launchedAt: instance.launchedAt,
                    isProtected: instance.isProtected, instanceType: instance.pool?.instanceType,
                    zone: instance.pool?.zone, market: instance.market)
            },
            checkpoints: CheckpointStanding.standings(of: explanation.records),
            advice: explanation.advice)
    }

    func text(_ style: TextStyle) -> String {
        let sections: [(String, [[String]])] = [
            ("Declared", declared), ("Seen", seen), ("Attempts", attempts),
            ("Checkpoints", checkpoints), ("Decided", decided),
        ]
        var parts = [headline(style)]
        parts += sections.filter { !$0.1.isEmpty }.map { title, rows in
            let table = Table(
                header: [], rows: rows.map { $0.map { Table.Cell($0) } }, wraps: true, indent: 2)
            return style.paint(title, .bold) + "\n" + table.text(style)
        }
        if let lines = lastLines, !lines.isEmpty {
            parts.append(
                style.paint("Last lines of attempt \(explanation.newest?.number ?? 0)", .bold)
                    + "\n" + lines.map { "  " + Plain.line($0) }.joined(separator: "\n"))
        }
        if let console = explanation.console {
            parts.append(
                style.paint("End of the console of the machine that never claimed it", .bold)
                    + "\n"
                    + console.split(separator: "\n").map { "  " + Plain.line(String($0)) }
                    .joined(separator: "\n"))
        }
        if !explanation.advice.isEmpty {
            parts.append(
                style.paint("What to do", .bold) + "\n"
                    + explanation.advice.map { "  " + style.wrapped($0, indent: 2) }
                    .joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private func headline(_ style: TextStyle) -> String {
        guard let phase = explanation.phase else { return "\(explanation.run): not planned" }
        let line = "\(explanation.run): " + style.paint(phase.phase.name, phase.phase.colour)
        let why = phase.reason.isEmpty ? "" : ", " + Plain.line(phase.reason)
        return style.wrapped(line + why, indent: 0)
    }

    private var declared: [[String]] {
        guard let spec = explanation.declared else {
            return [["manifest", "none at \(explanation.revision?.short ?? "this commit")"]]
        }
        var rows = [
            ["revision", explanation.revision?.description ?? "-"],
            ["state", "\(spec.state.rawValue), generation \(spec.generation)"],
            ["run", spec.run],
        ]
        if let workdir = spec.workdir { rows.append(["workdir", workdir]) }
        if let policy = spec.checkpoint {
            rows.append(["checkpoint", "\(policy.path) (\(policy.kind.rawValue))"])
        }
        if explanation.isChanged == true {
            rows.append(["changed", "since attempt \(explanation.newest?.number ?? 0) began"])
        }
        return rows
    }

    private var seen: [[String]] {
        var rows = explanation.instances.map { instance in
            [
                "instance",
                "\(instance.id) \(instance.state.rawValue)"
                    + (instance.stateReason.isEmpty ? "" : " (\(instance.stateReason))")
                    + (instance.pool.map { ", \($0.text)" } ?? "")
                    + (instance.attempt.map { ", attempt \($0)" } ?? "")
                    + (instance.isProtected ? ", protected" : ""),
            ]
        }
        if let claim = explanation.records.index?.claim {
            rows.append([
                "claim", "attempt \(claim.attempt) on \(claim.instance), \(claim.at.toSeconds)",
            ])
        }
        if let attempt = explanation.newest,
            let heartbeat = explanation.records.heartbeats[attempt.number]
        {
            let step = heartbeat.body?.step.map { ", step \($0)" } ?? ""
            rows.append(["heartbeat", "\(heartbeat.at.toSeconds)\(step)"])
        }
        return rows
    }

    private var attempts: [[String]] {
        (explanation.records.ledger?.attempts ?? []).suffix(Self.attemptLimit).map { attempt in
            ["\(attempt.number)", attempt.createdAt.toSeconds, story(of: attempt)]
        }
    }

    private func story(of attempt: Attempt) -> String {
        var parts = [attempt.reason]
        if let report = explanation.records.index?.report(of: attempt.number) {
            if let from = report.startedFrom { parts.append("went on from \(from)") }
            if let fallback = report.fallback { parts.append(fallback) }
            if let exit = report.exit { parts.append("\(exit)") }
            if attempt.closure == nil { parts.append(report.phase.rawValue) }
        }
        for launch in attempt.launches {
            if let refusal = launch.refusal {
                let pool = launch.request?.pool.map { " of \($0.text)" } ?? ""
                parts.append("launch \(launch.ordinal)\(pool) was refused: \(refusal.detail)")
            }
        }
        if attempt.closure == nil, let intent = attempt.intent {
            parts.append("asked to \(intent.verb.rawValue): \(intent.reason)")
        }
        if let closure = attempt.closure {
            parts.append("\(closure.outcome.rawValue) (\(closure.evidence.rawValue))")
            if !closure.detail.isEmpty { parts.append(closure.detail) }
        }
        return parts.joined(separator: "; ")
    }

    private var checkpoints: [[String]] {
        let standings = CheckpointStanding.standings(of: explanation.records)
        let rows = standings.prefix(Self.attemptLimit).map { checkpoint in
            [
                checkpoint.id.description, checkpoint.step.map { "step \($0)" } ?? "-",
                checkpoint.use.rawValue + (checkpoint.detail.map { ": \($0)" } ?? ""),
            ]
        }
        let more = standings.count - rows.count
        return rows + (more > 0 ? [["and \(more) older"]] : [])
    }

    private var decided: [[String]] {
        var rows = explanation.actions.filter { $0.verb != .record }.map { action in
            ["\(action.verb.glyph) \(action.verb.rawValue)", "\(action.reason)"]
        }
        rows += explanation.blocked.map { action in
            ["blocked", "\(action.verb.rawValue), beyond the fuse: \(action.reason)"]
        }
        if let inaction = explanation.inaction, explanation.blocked.isEmpty {
            rows.append(["nothing", "\(inaction)"])
        }
        return rows
    }

    /// Of the newest attempt, when it ended badly or is on its way out.
    private var lastLines: [String]? {
        guard let attempt = explanation.newest else { return nil }
        return explanation.records.index?.report(of: attempt.number)?.lastLines
    }
}
