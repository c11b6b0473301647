import Testing

struct SwiftScannerTests {
    @Test(
        "text that is not code → blanked; code around it stays",
        arguments: [
            ("a // b", "a"), ("a /* b /* c */ d */ e", "a e"), (#"f("b { c") g"#, "f(\" \") g"),
            (##"f(#"b " c"#) g"##, "f(#\" \"#) g"), (#"f("a\"b") g"#, "f(\" \") g"),
            (#"f("a \(b("c")) d") g"#, "f(\" (b(\" \")) \") g"),
            ("x = /a{b/ + c", "x = + c"), ("a / b / c", "a / b / c"),
            ("f(\"\"\"\n a \"b\" {\n \"\"\") g", "f(\"\"\"\n \n \"\"\") g"),
        ])
    func blanks(text: String, expected: String) {
        let code = SwiftScanner.code(of: text)
        #expect(code.utf8.count == text.utf8.count)
        #expect(squeezed(code) == squeezed(expected))
    }

    /// Runs of spaces become one, so that the cases above stay readable.
    private func squeezed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined(separator: " ") }
            .joined(separator: "\n")
    }
}
