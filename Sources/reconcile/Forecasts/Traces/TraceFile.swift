import Simulation
import Training

/// What one file says of the supply of one zone, in the terms of whoever wrote it.
struct TraceFile: Hashable, Sendable {
    /// What a number other than 0 means.
    enum Sense: String, CaseIterable, Sendable {
        case available
        case preempted
    }

    /// One look, and where it stands in the file.
    struct Row: Hashable, Sendable {
        /// Milliseconds since the first one.
        var at: Int64
        var number: Int
        var price: Dollars?
        var place: String
    }

    /// At most this many looks: three years of one each three minutes.
    static let rowLimit = 500_000
    /// Bytes.
    static let sizeLimit = 16 << 20

    var rows: [Row]
    /// Milliseconds that the rows cover.
    var span: Int64

    /// Says something that only a trace of counts does.
    var countsMachines: Bool { rows.contains { $0.number > 1 } }

    /// `countsMachines`: the numbers of all files are machines; else 1 is room without end.
    func trace(
        of zone: String, sense: Sense, countsMachines: Bool
    ) throws(CommandFailure) -> AvailabilityTrace {
        if sense == .preempted, let row = rows.first(where: { $0.number > 1 }) {
            throw CommandFailure(
                "\(row.place): \(row.number) is a count of machines, not 0 or 1",
                advice: "counts are always of available machines: use --sense available")
        }
        return AvailabilityTrace(
            zone: zone,
            samples: rows.map { row in
                AvailabilityTrace.Sample(
                    at: row.at, room: sense == .available ? row.number : 1 - row.number,
                    price: row.price)
            }, span: span, countsMachines: countsMachines)
    }

    /// Gives each row a price: as many as there are rows.
    mutating func adopt(prices: [Double], from place: String) throws(CommandFailure) {
        guard prices.count == rows.count else {
            throw CommandFailure(
                "\(place): \(prices.count) prices for \(rows.count) looks",
                advice: "each look needs one price, in the same order")
        }
        for (index, price) in prices.enumerated() {
            guard price > 0, price < 100_000 else {
                throw CommandFailure(
                    "\(place): number \(index + 1) is \(price), not dollars an hour")
            }
            rows[index].price = Dollars(micros: Int((price * 1_000_000).rounded()))
        }
    }
}
