import Testing

@testable import Manifests

@Suite struct ScalarValueTests {
    @Test(
        "a plain scalar → what the core schema of YAML 1.2 says",
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("nUll", .string),
            ("true", .boolean(true)), ("FALSE", .boolean(false)), ("tRue", .string),
            ("yes", .string), ("no", .string), ("on", .string), ("y", .string),
            ("0", .integer(0)), ("-7", .integer(-7)), ("+7", .integer(7)),
            ("0777", .integer(777)), ("0o17", .integer(15)), ("0o18", .string),
            ("0xFf", .integer(255)), ("0x", .string), ("0b11", .string), ("1_000", .string),
            ("-0x1", .string), ("12:30", .string),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .hugeInteger),
            ("0xffffffffffffffffff", .hugeInteger),
            ("1.5", .number(1.5)), (".5", .number(0.5)), ("1.", .number(1)),
            ("3e-4", .number(3e-4)), ("1e3", .number(1000)), ("1e", .string), (".", .string),
            ("1e999", .number(.infinity)), ("-", .string), ("+.inf", .number(.infinity)),
            ("-.INF", .number(-.infinity)), ("inf", .string), ("nan", .string),
            ("1.5.2", .string), ("2026-12-01", .string), ("10m", .string), ("20%", .string),
        ] as [(String, ScalarValue)])
    func core(text: String, value: ScalarValue) {
        #expect(ScalarValue(plain: text) == value)
    }

    @Test("not a number by its own name → a number that equals nothing")
    func notANumber() {
        guard case .number(let value) = ScalarValue(plain: ".nan") else {
            Issue.record("not a number at all")
            return
        }
        #expect(value.isNaN)
    }
}
