import Testing

@testable import Manifests

@Suite struct SpellingTests {
    @Test(
        "a slip → the word that was meant; a stranger → nothing",
        arguments: [
            ("runing", "running"), ("rnuning", "running"), ("Running", "running"),
            ("stoped", "stopped"), ("terminate", "terminated"), ("paused", nil), ("", nil),
            (String(repeating: "x", count: 5000), nil),
        ] as [(String, String?)])
    func nearest(written: String, meant: String?) {
        let words = ["running", "stopped", "terminated"]
        #expect(Spelling.nearest(to: written, among: words) == meant)
    }

    @Test(
        "what is no plain word → never shown",
        arguments: ["", "two words", "\u{1B}[31m", "grün", String(repeating: "k", count: 41)])
    func hidden(name: String) {
        #expect(Spelling.quoted(name) == nil)
    }
}
