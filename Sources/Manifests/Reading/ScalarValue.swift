/// What a scalar means by the core schema of YAML 1.2 (section 10.3.2): `no` is a string and
/// `0777` is seven hundred and seventy-seven.
enum ScalarValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// An integer beyond 64 bits.
    case hugeInteger
    case number(Double)
    case string
    /// What was written has been refused already: an unknown tag or alias.
    case refused

    /// The meaning of a plain (unquoted) scalar.
    init(plain text: String) {
        self = ScalarValue.resolve(text)
    }

    var kindName: String {
        switch self {
        case .null, .refused: "nothing"
        case .boolean: "a boolean"
        case .integer, .hugeInteger: "an integer"
        case .number: "a number"
        case .string: "a string"
        }
    }

    private static func resolve(_ text: String) -> ScalarValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        // Most scalars are words: one look at the first byte settles them.
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else {
            return .string
        }
        return prefixedInteger(text) ?? decimal(text)
    }

    private static func prefixedInteger(_ text: String) -> ScalarValue? {
        for (prefix, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            let legal = digits.utf8.allSatisfy { isDigit($0, radix: radix) }
            guard legal, !digits.isEmpty else { return .string }
            return Int(digits, radix: radix).map(ScalarValue.integer) ?? .hugeInteger
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "7"): true
        case UInt8(ascii: "8"), UInt8(ascii: "9"): radix >= 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
            radix == 16
        default: false
        }
    }

    /// `[-+]?[0-9]+` and `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func decimal(_ text: String) -> ScalarValue {
        var rest = Substring(text).utf8
        func digits() -> Int {
            let run = rest.prefix { isDigit($0, radix: 10) }.count
            rest = rest.dropFirst(run)
            return run
        }
        func skip(_ bytes: String) -> Bool {
            guard let byte = rest.first, bytes.utf8.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = skip("+-")
        let whole = digits()
        if whole > 0, rest.isEmpty {
            return Int(text).map(ScalarValue.integer) ?? .hugeInteger
        }
        var fraction = 0
        if skip(".") { fraction = digits() }
        guard whole + fraction > 0 else { return .string }
        if skip("eE") {
            _ = skip("+-")
            guard digits() > 0 else { return .string }
        }
        guard rest.isEmpty, let value = Double(text) else { return .string }
        return .number(value)
    }
}
