import Testing

struct SizeRuleTests {
    private func file(_ text: String) -> [SourceFile] {
        [SourceFile(path: "Sources/Planning/A.swift", text: text)]
    }

    private func lines(_ count: Int) -> String {
        String(repeating: "    let a = 1\n", count: count)
    }

    @Test("the package's own lines, files and functions → within their limits")
    func tree() {
        #expect(SizeRule.longLines(in: SourceTree.files) == [])
        #expect(
            SizeRule.longFiles(in: SourceTree.files, ratchet: SizeRule.ratchet) == [])
        #expect(SizeRule.longFunctions(in: SourceTree.files) == [])
    }

    @Test("101 columns → found; 100 → not")
    func columns() {
        #expect(SizeRule.longLines(in: file(String(repeating: "é", count: 100))) == [])
        #expect(SizeRule.longLines(in: file("\n" + String(repeating: "é", count: 101))).count == 1)
    }

    @Test("a file over the soft limit → found, unless the ratchet names it and it did not grow")
    func ratchet() {
        let path = "Sources/Planning/A.swift"
        #expect(SizeRule.longFiles(in: file(lines(400)), ratchet: [:]) == [])
        #expect(SizeRule.longFiles(in: file(lines(401)), ratchet: [:]).count == 1)
        #expect(SizeRule.longFiles(in: file(lines(450)), ratchet: [path: 450]) == [])
        #expect(SizeRule.longFiles(in: file(lines(451)), ratchet: [path: 450]).count == 1)
        #expect(SizeRule.longFiles(in: file(lines(801)), ratchet: [path: 900]).count == 1)
    }

    @Test("a ratchet's file that shrank or went → its entry must go")
    func staleRatchet() {
        let path = "Sources/Planning/A.swift"
        #expect(SizeRule.longFiles(in: file(lines(9)), ratchet: [path: 450]).count == 1)
        #expect(SizeRule.longFiles(in: file(lines(9)), ratchet: ["gone.swift": 450]).count == 1)
    }

    @Test("a function of 71 lines → found at its line; one of 70 → not")
    func functions() {
        let long = "struct A {\n    func f(a: () -> Void = {}) {\n\(lines(69))    }\n}\n"
        let fits = "struct A {\n    func f() {\n\(lines(68))    }\n}\n"
        let found = SizeRule.longFunctions(in: file(long))
        #expect(found.count == 1)
        #expect(found.first?.contains("A.swift:2: 71 lines") == true)
        #expect(SizeRule.longFunctions(in: file(fits)) == [])
    }

    @Test("requirements, calls of init and braces in text → no function is made of them")
    func notFunctions() {
        let text = """
            protocol P {
                func f() -> Int
                init(a: Int)
                var b: Int { get }
            }
            let c = S.init(a: 1)
            func g() { let d = "{{{" } // {{{
            """
        let found = SizeRule.functions(in: SwiftScanner.code(of: text))
        #expect(found.count == 1)
        #expect(found.first?.line == 7)
        #expect(found.first?.lines == 1)
    }
}
