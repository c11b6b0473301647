import FoundationEssentials
import TestSupport
import Testing
import Training

@testable import Manifests

@Suite struct ManifestSchemaTests {
    @Test("the schema → as in the golden file, byte for byte")
    func golden() throws {
        let text = String(decoding: ManifestSchema.bytes(), as: UTF8.self)
        try Golden.expect(text, equals: Golden.folder.appending(path: "Golden/schema.json"))
    }

    @Test("the page of all fields → as generated")
    func reference() throws {
        let page = Golden.repository.appending(
            path: "Sources/reconcile/Documentation.docc/ManifestReference.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        // What people wrote ends with the line that says how the rest is made.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let mark = try #require(lines.firstIndex { $0.hasPrefix("<!-- Below this line") })
        let written = lines[...mark].joined(separator: "\n") + "\n\n"
        try Golden.expect(written + ManifestReference.markdown(), equals: page)
    }

    static let validator = """
        import json, sys
        from jsonschema import Draft202012Validator as Validator
        given = json.load(sys.stdin)
        Validator.check_schema(given["schema"])
        for document in given["documents"]:
            print(len(list(Validator(given["schema"]).iter_errors(document))))
        """

    static let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"]

    static let hasValidator: Bool = {
        let probe = try? ToolProcess.run(
            ["python3", "-c", "import jsonschema"], environment: environment)
        return probe?.status == 0
    }()

    /// How many errors an independent validator finds in each document.
    static func errors(in names: [String]) throws -> [Int] {
        let roots = try names.flatMap { name in
            try documents(of: try Golden.bytes("\(name).yaml"))
        }
        let schema = try #require(
            try? CanonicalJSON.decode(AnyJSON.self, from: ManifestSchema.bytes()))
        let given: JSONValue = ["schema": schema.value, "documents": .array(roots)]
        let result = try ToolProcess.run(
            ["python3", "-c", validator], environment: environment,
            input: String(decoding: CanonicalJSON.encode(given), as: UTF8.self))
        #expect(result.status == 0, "\(result.output)")
        return result.output.split(separator: "\n").compactMap { Int($0) }
    }

    static func documents(of bytes: [UInt8]) throws -> [JSONValue] {
        var roots: [JSONValue] = []
        try bytes.withUnsafeBufferPointer { buffer in
            let text = UnsafeBufferPointer(
                rebasing: buffer.dropFirst(SourceText.lengthOfMark(bytes)))
            var composer = NodeComposer(events: try EventStream(borrowing: text))
            while let root = try composer.nextDocument() {
                if !root.isNull { roots.append(JSONValue(root)) }
            }
        }
        return roots
    }

    @Test(
        "good samples → an independent validator agrees",
        .enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func good() throws {
        let names = Golden.samples(in: "Good").map { "Good/\($0)" }
        let errors = try ManifestSchemaTests.errors(in: names)
        #expect(errors.count >= names.count - 2)
        #expect(errors.allSatisfy { $0 == 0 })
    }

    @Test(
        "bad manifests of one document → the schema refuses them too",
        .enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func bad() throws {
        let names = [
            "accelerators-zero", "any-of-empty", "checkpoint-keep-one", "checkpoint-without-path",
            "disk-size-zero", "duration-milliseconds", "envs-key-reserved", "envs-key-with-hyphen",
            "file-mounts-live", "generation-zero", "hourly-cost", "infra-of-another-cloud",
            "later-gang", "later-kind-sweep", "later-spot-persistent", "name-missing",
            "name-upper-case", "nodes-zero", "on-failure-keep-forever", "policy-launches",
            "policy-state", "policy-terminations-percentage", "policy-unknown-field", "profile-ids",
            "profile-incomplete", "profile-tags", "region-is-a-zone", "resource-labels",
            "resume-from-malformed", "run-is-a-boolean",
            "secrets-of-skypilot", "spot-is-no-boolean", "unknown-nested", "unknown-state",
        ]
        let errors = try ManifestSchemaTests.errors(in: names.map { "Bad/\($0)" })
        #expect(errors.count == names.count)
        #expect(errors.allSatisfy { $0 > 0 }, "\(Array(zip(names, errors)))")
    }
}

/// Any JSON, read back.
private struct AnyJSON: Decodable {
    var value: JSONValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .null
        } else if let text = try? container.decode(String.self) {
            value = .string(text)
        } else if let flag = try? container.decode(Bool.self) {
            value = .boolean(flag)
        } else if let integer = try? container.decode(Int.self) {
            value = .integer(integer)
        } else if let list = try? container.decode([AnyJSON].self) {
            value = .array(list.map(\.value))
        } else {
            value = .object(try container.decode([String: AnyJSON].self).mapValues(\.value))
        }
    }
}

extension JSONValue {
    /// A document as a JSON tool sees it.
    init(_ node: Node) {
        switch node.content {
        case .sequence(let items): self = .array(items.map(JSONValue.init))
        case .mapping(let entries):
            let members = entries.map { ($0.key, JSONValue($0.value)) }
            self = .object(Dictionary(members) { first, _ in first })
        case .scalar(let scalar):
            switch scalar.value {
            case .null, .hugeInteger, .refused: self = .null
            case .boolean(let value): self = .boolean(value)
            case .integer(let value): self = .integer(value)
            case .number(let value): self = .number(value)
            case .string: self = .string(scalar.text)
            }
        }
    }
}
