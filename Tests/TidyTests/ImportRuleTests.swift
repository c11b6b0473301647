import Testing

struct ImportRuleTests {
    private func complaints(_ path: String, _ text: String) -> [String] {
        ImportRule.holdfast.violations(in: [SourceFile(path: path, text: text)])
    }

    @Test("the package's own files → every import is in the table")
    func tree() {
        #expect(SourceTree.files.count > 10, "the tidy test sees no files")
        #expect(ImportRule.holdfast.violations(in: SourceTree.files) == [])
    }

    @Test("a target that the table does not know → named")
    func unknownTarget() {
        #expect(complaints("Sources/Extras/A.swift", "import Training").count == 1)
    }

    @Test("every folder of Sources with Swift in it → is in the table, and the other way round")
    func complete() {
        #expect(SourceTree.targets == Set(ImportRule.holdfast.allowed.keys))
    }

    @Test(
        "an import across the layers → refused at its line",
        arguments: [
            ("Sources/Planning/A.swift", "Glibc"), ("Sources/Planning/A.swift", "Checkpoints"),
            ("Sources/Training/A.swift", "FoundationEssentials"),
            ("Sources/Manifests/A.swift", "GitSource"),
            ("Sources/Supervision/A.swift", "Local"), ("Sources/reconcile/A.swift", "Foundation"),
            ("Tests/PlanningTests/A.swift", "Foundation"),
        ])
    func layers(path: String, module: String) {
        let found = complaints(path, "// why\npackage import \(module)\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(path):2: ") == true)
    }

    @Test("an import of one declaration → its module counts")
    func oneDeclaration() {
        #expect(complaints("Sources/Planning/A.swift", "import func Glibc.getpid").count == 1)
        #expect(complaints("Sources/Planning/A.swift", "@preconcurrency import Glibc").count == 1)
    }

    @Test("an import inside a comment or a string → nothing")
    func notCode() {
        let text = "// import Glibc\nlet a = \"\"\"\n    import Glibc\n    \"\"\"\n"
        #expect(complaints("Sources/Planning/A.swift", text) == [])
    }
}
