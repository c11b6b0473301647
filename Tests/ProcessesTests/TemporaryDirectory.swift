import Processes

/// A directory for one test, removed with what it holds when the value goes.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/holdfast-test-\(FileSystem.randomName())"
        try FileSystem.makeDirectory(path)
    }

    deinit { try? FileSystem.removeTree(path) }

    func text(_ name: String) throws -> String {
        let bytes = try FileSystem.read("\(path)/\(name)", limit: 1 << 20) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Asks until the condition holds; false after ten seconds.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
