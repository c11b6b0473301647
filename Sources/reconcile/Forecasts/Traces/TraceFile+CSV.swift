import Training

extension TraceFile {
    private static let header = "date,availability"

    /// Reads a header and one look a line, `2023-02-15 22:08:16,1`, in the order of time.
    ///
    /// The time between the last two looks is what the last one stands for.
    init(csv bytes: [UInt8], path: String) throws(CommandFailure) {
        rows = []
        span = 0
        var moments: [Int64] = []
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            func fault(_ column: Int, _ message: String) -> CommandFailure {
                CommandFailure("\(path):\(index + 1):\(column): \(message)")
            }
            if index == 0 {
                guard String(decoding: text, as: UTF8.self).lowercased() == Self.header else {
                    throw fault(1, "the first line must be `\(Self.header)`")
                }
                continue
            }
            if text.isEmpty { continue }
            guard rows.count < Self.rowLimit else {
                throw fault(1, "more than \(Self.rowLimit) looks")
            }
            guard let comma = text.firstIndex(of: UInt8(ascii: ",")) else {
                throw fault(1, "expected a date and a number, such as 2023-02-15 22:08:16,1")
            }
            guard let moment = CivilTime.milliseconds(text[..<comma]) else {
                throw fault(1, "expected a date such as 2023-02-15 22:08:16")
            }
            if let last = moments.last, moment <= last {
                throw fault(1, "this look is not later than the one before")
            }
            let column = comma - text.startIndex + 2
            guard let number = Self.number(text[text.index(after: comma)...]) else {
                throw fault(column, "expected 0, 1, or a count of machines")
            }
            moments.append(moment)
            rows.append(
                Row(
                    at: moment - (moments.first ?? moment), number: number, price: nil,
                    place: "\(path):\(index + 1):\(column)"))
        }
        guard let last = rows.last, rows.count > 1 else {
            throw CommandFailure("\(path): at least two looks are needed")
        }
        span = last.at + last.at - rows[rows.count - 2].at
    }

    /// At most a million machines.
    private static func number(_ text: ArraySlice<UInt8>) -> Int? {
        guard (1...7).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(String(decoding: text, as: UTF8.self)).flatMap { $0 <= 1_000_000 ? $0 : nil }
    }
}

/// A date and a time without a zone.
enum CivilTime {
    /// Milliseconds since 1970 of `2023-02-15 22:08:16`, with `T` for the space, a fraction, and a
    /// `Z` at the end or without; nil for anything else.
    static func milliseconds(_ text: ArraySlice<UInt8>) -> Int64? {
        let text = Array(text)
        let pattern = Array("0000-00-00 00:00:00".utf8)
        guard text.count >= pattern.count, text.count <= 32 else { return nil }
        for (byte, wanted) in zip(text, pattern) {
            let isDigit = (0x30...0x39).contains(byte)
            let isTime = wanted == UInt8(ascii: " ") && byte == UInt8(ascii: "T")
            guard wanted == UInt8(ascii: "0") ? isDigit : byte == wanted || isTime else {
                return nil
            }
        }
        var rest = text[pattern.count...]
        if rest.last == UInt8(ascii: "Z") { rest = rest.dropLast() }
        if let first = rest.first {
            guard first == UInt8(ascii: "."), rest.count > 1,
                rest.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64 {
            text[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let (month, day) = (number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        // Days since 1970, with years that begin in March, so that a leap day is a year's last.
        let year = number(0..<4) - (month <= 2 ? 1 : 0)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
        let fraction = rest.dropFirst().prefix(3).reduce((Int64(0), Int64(100))) {
            ($0.0 + Int64($1 - 0x30) * $0.1, $0.1 / 10)
        }
        return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction.0
    }
}
