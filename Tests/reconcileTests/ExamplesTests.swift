import ArgumentParser
import Manifests
import TestSupport
import Testing
import Training

@testable import reconcile

/// What the examples for CI and for a control node name exists.
@Suite struct ExamplesTests {
    private static func lines(_ path: String) throws -> [Substring] {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = try #require(LocalFile.read("\(root)/examples/\(path)"), "\(path) is there")
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    @Test(
        "the manifest of an example → decodes without a finding, and its folder is there",
        arguments: ["pytorch", "nanogpt", "huggingface", "lightning", "kohya"])
    func manifests(_ name: String) throws {
        let path = "\(name)/\(name).yaml"
        let text = try Self.lines(path).joined(separator: "\n")
        let decoded = ManifestDecoder.decode(
            files: [(path: path, bytes: Array(text.utf8))], isWhole: false)
        #expect(decoded.diagnostics.isEmpty, "\(decoded.diagnostics)")
        let spec = try #require(decoded.runs.first?.spec)
        #expect(spec.name.text == name)
        #expect(spec.workdir == "examples/\(name)")
        #expect(spec.resume != nil && spec.checkpoint != nil)
    }

    @Test("the commands of the workflow and of the unit → the command line takes them")
    func commands() throws {
        let all = try Self.lines("ci/holdfast.yml") + Self.lines("control-node/holdfast.service")
        let commands = all.compactMap { line -> [String]? in
            var words = line.split(separator: " ").map(String.init)
            for key in ["-", "run:"] where words.first == key { words.removeFirst() }
            guard let first = words.first,
                ["reconcile", "ExecStart=/usr/local/bin/reconcile"].contains(first)
            else { return nil }
            return words.dropFirst().prefix { $0 != "|" && $0 != "#" }.map { $0 }
        }
        #expect(commands.count >= 4, "\(commands)")
        for command in commands {
            #expect(throws: Never.self, "\(command)") {
                _ = try RootCommand.parseAsRoot(command)
            }
        }
    }

    @Test("the variables of the examples → settings that exist")
    func variables() throws {
        let known = Set(
            SettingKey.allCases.map(\.variable)
                + ["USERNAME", "PASSWORD", "TOKEN"].map {
                    "HOLDFAST_GIT_\($0)"
                })
        // Names of the workflow's own variables, not of the environment.
        let own: Set<String> = ["HOLDFAST_PLANNER_ROLE", "HOLDFAST_CONTROLLER_ROLE"]
        let all = try Self.lines("ci/holdfast.yml") + Self.lines("control-node/holdfast.env")
        let used = all.flatMap { line in
            line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        }.filter { $0.hasPrefix("HOLDFAST_") }
        #expect(!used.isEmpty)
        #expect(Set(used).subtracting(known).subtracting(own) == [])
    }
}
