import Training

/// The attempts of one run, oldest first, and what they come to.
struct HistoryView: View {
    var run: RunName
    var attempts: [AttemptStory]

    struct Document: Encodable {
        var kind = "History"
        var version = 1
        var run: RunName
        var attempts: [AttemptStory]
        var trained: Seconds
        var lost: Seconds
        /// Nil where no price is known.
        var cost: Dollars?
    }

    var document: Document {
        Document(run: run, attempts: attempts, trained: trained, lost: lost, cost: cost)
    }

    private var trained: Seconds { attempts.reduce(0) { $0 + $1.trained } }
    private var lost: Seconds { attempts.reduce(0) { $0 + ($1.lost ?? 0) } }
    private var cost: Dollars? {
        attempts.compactMap(\.cost).reduce(nil) { ($0 ?? Dollars(micros: 0)) + $1 }
    }

    func text(_ style: TextStyle) -> String {
        guard !attempts.isEmpty else { return "\(run) has no attempt yet." }
        let stories = attempts.map { story in
            style.paint("attempt \(story.attempt)", .bold) + "\n"
                + Table(
                    header: [], rows: rows(of: story).map { $0.map { Table.Cell($0) } },
                    wraps: true, indent: 2
                ).text(style)
        }
        return (stories + [summary]).joined(separator: "\n\n")
    }

    private func rows(of story: AttemptStory) -> [[String]] {
        var rows = [["began", "\(story.began.toSeconds), \(story.reason)"]]
        rows.append(["commit", "\(story.revision.short), generation \(story.generation)"])
        let hourly = story.hourly.map { "$\($0) an hour" }
        let machine = [story.instance?.text, story.pool, hourly].compactMap { $0 }
        rows.append(["machine", machine.isEmpty ? "none" : machine.joined(separator: ", ")])
        let from = story.startedFrom.map { "checkpoint \($0)" } ?? "afresh"
        if story.trained > 0 || story.startedFrom != nil {
            rows.append(["from", [from, story.fallback].compactMap { $0 }.joined(separator: ", ")])
        }
        let reached = [
            story.step.map { "step \($0)" },
            story.newestCheckpoint.map { "checkpoint \($0)" },
        ].compactMap { $0 }
        if !reached.isEmpty { rows.append(["reached", reached.joined(separator: ", ")]) }
        rows.append(["ended", end(of: story)])
        rows.append(["spent", spent(trained: story.trained, story.lost, story.cost)])
        return rows
    }

    private func end(of story: AttemptStory) -> String {
        guard let ended = story.ended, let outcome = story.outcome else { return "not yet" }
        let parts = [
            outcome.rawValue, story.exit.map { "\($0)" }, story.detail,
            story.evidence.map { "evidence: \($0.rawValue)" },
        ]
        return "\(ended.toSeconds), " + parts.compactMap { $0 }.joined(separator: "; ")
    }

    private func spent(trained: Seconds, _ lost: Seconds?, _ cost: Dollars?) -> String {
        let parts = [
            "trained for \(SpanText.exact(trained))",
            lost.map { "lost at most \(SpanText.exact($0))" },
            cost.map { "cost at most $\($0.toCents)" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private var summary: String {
        let count = attempts.count == 1 ? "1 attempt" : "\(attempts.count) attempts"
        return "\(count): " + spent(trained: trained, lost, cost) + "."
    }
}
