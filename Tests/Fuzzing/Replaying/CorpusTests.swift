import FoundationEssentials
import Testing

/// Every input that the repository keeps, through the same readers as the fuzzer's.
@Suite struct CorpusTests {
    @Test("an input that is kept → no property is broken", arguments: FuzzTarget.all)
    func replayed(target: FuzzTarget) throws {
        let inputs = try FuzzTarget.inputs(of: target)
        #expect(!inputs.isEmpty)
        for (path, bytes) in inputs {
            do {
                try target.check(bytes)
            } catch {
                Issue.record("\(path): \(error)")
            }
        }
    }

    @Test("a broken property → told")
    func told() {
        #expect(throws: BrokenProperty.self) { try require(1 > 2, "one is more than two") }
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { name }

    fileprivate static func inputs(of target: FuzzTarget) throws -> [(String, [UInt8])] {
        let tests = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
        return try (["Fuzzing/Corpus/\(target.name)"] + target.samples).flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: "\(tests)/\(folder)").sorted()
                .map { name in
                    let path = "\(folder)/\(name)"
                    let data = FileManager.default.contents(atPath: "\(tests)/\(path)")
                    return (path, data.map { Array($0) } ?? [])
                }
        }
    }
}
