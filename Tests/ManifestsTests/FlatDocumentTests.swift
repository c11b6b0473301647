import Testing
import Training

@testable import Manifests

struct FlatDocumentTests {
    private func read(_ text: String) -> FlatDocument {
        FlatDocument.read(Array(text.utf8), file: "holdfast.yaml", keys: ["repo", "ref"])
    }

    @Test("a byte order mark → read as if it were not there")
    func byteOrderMark() {
        let marked = read("\u{FEFF}repo: .\nref: main\n")
        #expect(marked.diagnostics.isEmpty)
        #expect(marked.entries == read("repo: .\nref: main\n").entries)
    }

    @Test("faults of several kinds → in the order of the file")
    func order() {
        let found = read("rif: 1\nrepo: x\nrepo: y\n").diagnostics
        let places = found.compactMap(\.location)
        #expect(places.count > 1)
        #expect(places == places.sorted())
    }
}
