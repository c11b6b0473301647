import FoundationEssentials
import Testing

@testable import Manifests

@Suite struct BadManifestTests {
    static let names = Golden.samples(in: "Bad")

    @Test("a bad manifest → every problem at its line and column", arguments: names)
    func findings(name: String) throws {
        let decoded = ManifestDecoder.decode(files: [
            (path: "\(name).yaml", bytes: try Golden.bytes("Bad/\(name).yaml"))
        ])
        let text = decoded.diagnostics.map { "\($0)\n" }.joined()
        let wanted = Golden.folder.appending(path: "Bad/\(name).expected")
        try Golden.expect(text, equals: wanted)
        #expect(decoded.isIncomplete)
    }

    @Test("the folder of bad manifests → all are there")
    func count() {
        #expect(BadManifestTests.names.count >= 60)
    }

    @Test("values of bad manifests → in no message")
    func canaries() throws {
        for name in BadManifestTests.names {
            let documents = ManifestDocuments.parse(try Golden.bytes("Bad/\(name).yaml"))
            for canary in ["canary-4711", "hunter2", "AKIA"] {
                #expect(!documents.findings.contains { $0.message.contains(canary) }, "\(name)")
            }
        }
    }
}
