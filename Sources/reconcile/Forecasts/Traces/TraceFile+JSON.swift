import Training

extension TraceFile {
    private struct Document: Decodable {
        struct Metadata: Decodable {
            var gap: Double

            enum CodingKeys: String, CodingKey {
                case gap = "gap_seconds"
            }
        }

        var metadata: Metadata
        var data: [Int]
        var prices: [Double]?
    }

    /// Reads `{"metadata": {"gap_seconds": 600}, "data": [0, 1], "prices": [1.2, 1.3]}`, where
    /// `prices` may be left out; of at most 4 MiB.
    init(json bytes: [UInt8], path: String) throws(CommandFailure) {
        let document = try Self.decode(Document.self, bytes, path: path)
        let gap = document.metadata.gap
        guard gap >= 1, gap <= 86_400 else {
            throw CommandFailure("\(path): metadata.gap_seconds must be from 1 to 86400")
        }
        guard (2...Self.rowLimit).contains(document.data.count) else {
            throw CommandFailure("\(path): data needs from 2 to \(Self.rowLimit) looks")
        }
        let step = Int64((gap * 1000).rounded())
        rows = []
        span = step * Int64(document.data.count)
        for (index, number) in document.data.enumerated() {
            let place = "\(path): data, number \(index + 1)"
            guard (0...1_000_000).contains(number) else {
                throw CommandFailure("\(place): expected 0, 1, or a count of machines")
            }
            rows.append(Row(at: step * Int64(index), number: number, price: nil, place: place))
        }
        if let prices = document.prices { try adopt(prices: prices, from: "\(path): prices") }
    }

    /// Reads what a file of prices says: for each trace, by its name without ending, one a look.
    static func prices(
        json bytes: [UInt8], path: String
    ) throws(CommandFailure) -> [String: [Double]] {
        try decode([String: [Double]].self, bytes, path: path)
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8], path: String
    ) throws(CommandFailure) -> Value {
        do {
            return try CanonicalJSON.decode(type, from: bytes)
        } catch {
            switch error {
            case .tooLarge:
                throw CommandFailure(
                    "\(path) is larger than \(CanonicalJSON.maximumSize >> 20) MiB")
            case .malformed(let what): throw CommandFailure("\(path): \(what)")
            }
        }
    }
}
