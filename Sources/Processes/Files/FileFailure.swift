import CLinux
import Glibc

/// Why the operating system refused something about a file: the call, the path, `errno`.
package struct FileFailure: Error, Hashable, Sendable {
    package var operation: String
    package var path: String
    package var code: Int32

    package init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The failure of the call that was made just now.
    static func last(_ operation: String, _ path: String) -> FileFailure {
        FileFailure(operation, path, code: errno)
    }

    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var exists: Bool { code == EEXIST || code == ENOTEMPTY }
    /// Not allowed: a person must act.
    package var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
}

extension FileFailure: CustomStringConvertible {
    package var description: String {
        "cannot \(operation) \(path): \(systemMessage(code))"
    }
}

/// What `strerror` says, without its shared buffer.
func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count - 1) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
}
