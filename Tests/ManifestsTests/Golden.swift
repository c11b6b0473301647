import FoundationEssentials
import Testing

/// Files beside the tests: samples, and outputs that a person has looked at.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    static let repository = folder.deletingLastPathComponent().deletingLastPathComponent()

    /// Set, wanted outputs are written instead of compared; look at the difference before you
    /// commit it.
    static let isUpdating = ProcessInfo.processInfo.environment["HOLDFAST_UPDATE_GOLDEN"] == "1"

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// Names without `.yaml` of the samples in a folder, sorted.
    static func samples(in name: String) -> [String] {
        let path = folder.appending(path: name).path()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Expects that the file holds the text.
    static func expect(
        _ text: String, equals file: URL, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if isUpdating { try Data(text.utf8).write(to: file) }
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        #expect(
            text == wanted, "\(file.lastPathComponent) differs", sourceLocation: sourceLocation)
    }
}
