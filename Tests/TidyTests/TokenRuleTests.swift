import Testing

struct TokenRuleTests {
    private func complaints(_ path: String, _ text: String) -> [String] {
        let file = SourceFile(path: path, text: text)
        return TokenRule.holdfast.flatMap { $0.violations(in: [file]) }
    }

    @Test("the package's own files → no banned token", arguments: TokenRule.holdfast.indices)
    func tree(index: Int) {
        #expect(TokenRule.holdfast[index].violations(in: SourceTree.files) == [])
    }

    @Test(
        "a banned token in code → found at its line",
        arguments: [
            ("Sources/Planning/A.swift", "let now = Date()"),
            ("Sources/Planning/A.swift", "let n = Int.random(in: 0..<2)"),
            ("Sources/Reconciliation/State/A.swift", "let t = ContinuousClock.now"),
            ("Sources/Planning/A.swift", "let t: Instant = .now"),
            ("Sources/Supervision/SupervisorStateMachine.swift", "let now = Date()"),
            ("Sources/Supervision/State/Phase.swift", "let u = UUID()"),
            ("Sources/Local/A.swift", "let a = try! b()"),
            ("Sources/Local/A.swift", "fatalError(\"no\")"),
            ("Sources/reconcile/Commands/A.swift", "print(\"hello\")"),
            ("Sources/Transport/A.swift", "var h = Hasher()"),
            ("Sources/Planning/A.swift", "let s = \"now: \\(Date())\""),
            ("Tests/PlanningTests/A.swift", "// TO" + "DO: more"),
        ])
    func found(path: String, line: String) {
        let found = complaints(path, "\n\(line)\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(path):2: ") == true)
    }

    @Test(
        "the same letters inside a longer name, a comment or an edge → nothing",
        arguments: [
            ("Sources/Planning/A.swift", "let f = fingerprint(a)"),
            ("Sources/Planning/A.swift", "let f = value.time(a)"),
            ("Sources/Planning/A.swift", "let n = Int.random(in: a, using: &generator)"),
            ("Sources/Reconciliation/Loop/Reconciler.swift", "let now = clock.now()"),
            ("Sources/Simulation/A.swift", "let now = state.now"),
            ("Sources/Simulation/A.swift", "func hash(into hasher: inout Hasher) {"),
            ("Sources/Training/Timestamp.swift", "let moment = Date(timeIntervalSince1970: 0)"),
            ("Sources/Planning/A.swift", "// no Date() here"),
            ("Sources/Planning/A.swift", "let s = \"Date()\""),
            ("Sources/Local/A.swift", "let now = Date()"),
            ("Sources/reconcile/Views/Output.swift", "print(text)"),
            ("Tests/PlanningTests/A.swift", "let a = try! b()"),
        ])
    func allowed(path: String, line: String) {
        #expect(complaints(path, line) == [])
    }
}
