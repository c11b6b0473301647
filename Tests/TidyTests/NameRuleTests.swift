import Testing

struct NameRuleTests {
    @Test("the package's own targets and types → no name twice, no file unused")
    func tree() {
        #expect(NameRule.doubles(in: SourceTree.files) == [])
        #expect(NameRule.dead(in: SourceTree.files) == [])
    }

    @Test("a type named as a target, or one type in two targets → found")
    func doubles() {
        let files = [
            SourceFile(path: "Sources/Planning/A.swift", text: "package struct Planning {}"),
            SourceFile(path: "Sources/Local/A.swift", text: "package enum Phase {}"),
            SourceFile(
                path: "Sources/Checkpoints/A.swift", text: "struct Phase {\n    enum A {}\n}"),
        ]
        #expect(
            NameRule.doubles(in: files) == [
                "Phase is declared in Checkpoints, Local", "Planning names a target and a type",
            ])
    }

    @Test("private or nested types of one name → allowed")
    func separate() {
        let files = [
            SourceFile(path: "Sources/Local/A.swift", text: "private enum Phase {}"),
            SourceFile(
                path: "Sources/Planning/A.swift", text: "struct Plan {\n    enum Phase {}\n}"),
        ]
        #expect(NameRule.doubles(in: files) == [])
    }

    @Test("a file whose names nobody else writes → found; one that is used → not")
    func dead() {
        let files = [
            SourceFile(path: "Sources/Local/A.swift", text: "struct Unused {\n    let own = 1\n}"),
            SourceFile(path: "Sources/Local/B.swift", text: "struct Used {}"),
            SourceFile(path: "Sources/Local/main.swift", text: "_ = Used() // Unused"),
        ]
        let found = NameRule.dead(in: files)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("Sources/Local/A.swift: ") == true)
    }
}
