import ArgumentParser
import Manifests
import TestSupport
import Testing

@testable import reconcile

/// What the pages for people show is what the programs take.
@Suite struct DocumentationExampleTests {
    private static let pages =
        ["README.md"]
        + [
            "Architecture", "Checkpoints", "CommandLine", "Documentation", "EC2",
            "ManifestReference",
            "NotTried", "Protocols", "Security", "Store", "Trainers",
        ].map { "Sources/reconcile/Documentation.docc/\($0).md" }

    /// The fenced blocks of one language, with the page that each stands on.
    private static func blocks(_ language: String) throws -> [(page: String, text: String)] {
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/")
        var found: [(page: String, text: String)] = []
        for page in pages {
            let bytes = try #require(LocalFile.read("\(root)/\(page)"), "\(page) is there")
            let parts = String(decoding: bytes, as: UTF8.self)
                .split(separator: "```", omittingEmptySubsequences: false)
            // Every second part stands between two fences.
            for (position, part) in parts.enumerated() where position % 2 == 1 {
                guard part.hasPrefix(language + "\n") else { continue }
                found.append((page, String(part.dropFirst(language.count + 1))))
            }
        }
        return found
    }

    @Test("a manifest on a page → decodes without a finding")
    func manifests() throws {
        let manifests = try Self.blocks("yaml")
        #expect(!manifests.isEmpty)
        for manifest in manifests {
            // A page need not show the profile that each of its runs names.
            let decoded = ManifestDecoder.decode(
                files: [(path: manifest.page, bytes: Array(manifest.text.utf8))], isWhole: false)
            #expect(decoded.diagnostics.isEmpty, "\(manifest.page): \(decoded.diagnostics)")
        }
    }

    @Test("a command on a page → the command line takes it")
    func commands() throws {
        let lines = try Self.blocks("console").flatMap { block in
            block.text.split(separator: "\n").filter { $0.hasPrefix("$ reconcile ") }
                .map { (page: block.page, line: $0.prefix { $0 != "#" }) }
        }
        #expect(lines.count >= 4)
        for (page, line) in lines {
            let words = line.split(separator: " ").dropFirst(2).map(String.init)
            #expect(throws: Never.self, "\(page): \(line)") {
                _ = try RootCommand.parseAsRoot(words)
            }
        }
    }
}
