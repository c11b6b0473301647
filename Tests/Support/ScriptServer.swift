import Glibc

/// A Python server from `Tests/Servers` on a port of its own; it ends with this value.
package final class ScriptServer: Sendable {
    package let port: Int
    private let process: ToolProcess

    package init(_ script: String, _ arguments: [String] = []) throws {
        process = try ToolProcess(
            [TestPython.interpreter, TestPython.script(script)] + arguments,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"])
        guard let line = process.line(), let port = Int(line) else {
            throw NoPort(script: script)
        }
        self.port = port
    }

    package struct NoPort: Error {
        package var script: String
    }

    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }
}
