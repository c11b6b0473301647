import Training

/// The machines of a provider.
struct InstancesView: View {
    var instances: [Instance]

    struct Row: Encodable {
        var id: InstanceID
        var run: RunName?
        var attempt: Int?
        var state: Instance.State
        var stateReason: String
        var market: Market
        var launchedAt: Timestamp
        var isProtected: Bool
    }

    struct Document: Encodable {
        var kind = "InstanceList"
        var version = 1
        var instances: [Row]
    }

    var document: Document {
        Document(
            instances: sorted.map { instance in
                Row(
                    id: instance.id, run: instance.run, attempt: instance.attempt,
                    state: instance.state, stateReason: instance.stateReason,
                    market: instance.market, launchedAt: instance.launchedAt,
                    isProtected: instance.isProtected)
            })
    }

    func text(_ style: TextStyle) -> String {
        guard !instances.isEmpty else { return "No machines." }
        return Table(
            header: ["INSTANCE", "RUN", "ATTEMPT", "STATE", "MARKET", "LAUNCHED", "REASON"],
            rows: sorted.map { instance in
                [
                    Table.Cell(instance.id.text), Table.Cell(instance.run?.text ?? "-"),
                    Table.Cell(instance.attempt.map(String.init) ?? "-"),
                    Table.Cell(
                        instance.state.rawValue, instance.state == .running ? .green : nil),
                    Table.Cell(instance.market.rawValue),
                    Table.Cell(instance.launchedAt.toSeconds),
                    Table.Cell(instance.stateReason),
                ]
            }
        ).text(style)
    }

    private var sorted: [Instance] {
        instances.sorted { ($0.launchedAt, $0.id) < ($1.launchedAt, $1.id) }
    }
}
