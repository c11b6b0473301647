import FoundationEssentials
import Testing

/// Outputs that a person has looked at: frozen surfaces, so a difference is a decision.
enum Golden {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden")

    /// Set, outputs are written instead of compared; look at the difference before you commit it.
    static let isUpdating = ProcessInfo.processInfo.environment["HOLDFAST_UPDATE_GOLDEN"] == "1"

    static var names: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? [])
    }

    /// Expects that the file `name` holds the text.
    static func expect(
        _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appending(path: name)
        if isUpdating { try Data((text + "\n").utf8).write(to: file) }
        let wanted = try? String(contentsOf: file, encoding: .utf8)
        #expect(text + "\n" == wanted, "\(name) differs", sourceLocation: sourceLocation)
    }
}
