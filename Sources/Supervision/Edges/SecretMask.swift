/// Hides values of secrets in what leaves the machine.
struct SecretMask: Hashable, Sendable {
    /// Shorter values would hide words that have nothing to do with them (UTF-8 bytes).
    private static let shortest = 6
    private static let cover = Array("***".utf8)

    /// The longest first, so that a value that holds another is hidden whole.
    private let values: [[UInt8]]

    /// A value of several lines is hidden line by line, too: logs are read by lines.
    init(_ secrets: some Sequence<String> = []) {
        let parts = secrets.flatMap { secret in
            [secret] + secret.split(whereSeparator: \.isNewline).map(String.init)
        }
        values = Set(parts).map { Array($0.utf8) }
            .filter { $0.count >= SecretMask.shortest }
            .sorted { $0.count > $1.count }
    }

    /// What stands before `start` is only looked at: a value may begin there and go on behind it.
    func masked(_ bytes: [UInt8], from start: Int = 0) -> [UInt8] {
        guard !values.isEmpty else { return Array(bytes.dropFirst(start)) }
        var result: [UInt8] = []
        result.reserveCapacity(max(0, bytes.count - start))
        var place = 0
        while place < bytes.count {
            if let value = values.first(where: { bytes[place...].starts(with: $0) }) {
                place += value.count
                if place > start { result += SecretMask.cover }
            } else {
                if place >= start { result.append(bytes[place]) }
                place += 1
            }
        }
        return result
    }

    func masked(_ text: String) -> String {
        values.isEmpty ? text : String(decoding: masked(Array(text.utf8)), as: UTF8.self)
    }

    /// How many bytes before a place may belong to a value that goes on behind it.
    var reach: Int { max(0, (values.first?.count ?? 0) - 1) }

    /// How many bytes at the end may be the beginning of a value that goes on after them.
    ///
    /// Not the end of a value that is whole, or its first half would be let go uncovered.
    func pending(atEndOf bytes: [UInt8]) -> Int {
        var place = 0
        while place < bytes.count {
            let rest = bytes[place...]
            if rest.count <= reach,
                values.contains(where: { $0.count > rest.count && $0.starts(with: rest) })
            {
                return rest.count
            }
            place += values.first { rest.starts(with: $0) }?.count ?? 1
        }
        return 0
    }
}
