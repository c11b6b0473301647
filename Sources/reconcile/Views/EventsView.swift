import Training

/// Events, the oldest first.
struct EventsView: View {
    var events: [RunEvent]

    struct Document: Encodable {
        var kind = "EventList"
        var version = 1
        var events: [RunEvent]
    }

    var document: Document { Document(events: events) }

    func text(_ style: TextStyle) -> String {
        guard !events.isEmpty else { return "No events." }
        return Table(
            header: ["TIME", "RUN", "ATTEMPT", "EVENT", "MESSAGE"],
            rows: events.map { event in
                [
                    Table.Cell(event.at.description, .faint),
                    Table.Cell(event.run?.text ?? "-"),
                    Table.Cell(event.attempt.map(String.init) ?? "-"),
                    Table.Cell(event.kind.rawValue), Table.Cell(event.message),
                ]
            }
        ).text(style)
    }
}

/// One event that has just been seen, for `events --follow`.
struct NextEventView: View {
    var event: RunEvent

    struct Document: Encodable {
        var kind = "Event"
        var version = 1
        var event: RunEvent
    }

    var document: Document { Document(event: event) }

    func text(_ style: TextStyle) -> String {
        let subject = [event.run?.text, event.attempt.map(String.init)].compactMap { $0 }
        return style.paint(event.at.description, .faint) + "  "
            + Plain.line(
                subject.joined(separator: "/") + (subject.isEmpty ? "" : "  ")
                    + event.kind.rawValue + "  " + event.message)
    }
}
