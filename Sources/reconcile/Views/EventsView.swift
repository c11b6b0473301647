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
            header: ["TIME", "RUN/ATTEMPT", "EVENT", "MESSAGE"],
            rows: events.map { event in
                [
                    Table.Cell(event.at.toSeconds, .faint), Table.Cell(event.subject),
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
        style.paint(event.at.toSeconds, .faint)
            + Plain.line("  \(event.subject)  \(event.kind.rawValue)  \(event.message)")
    }
}

extension RunEvent {
    /// `resnet/2`: the run and its attempt.
    fileprivate var subject: String {
        let parts = [run?.text, attempt.map(String.init)].compactMap { $0 }
        return parts.isEmpty ? "-" : parts.joined(separator: "/")
    }
}
