import Glibc

/// A small file of another program, read whole: configuration, a token, the kernel's boot id.
enum SmallFile {
    enum Failure: Error, Hashable, CustomStringConvertible {
        case unreadable(path: String, code: Int32)
        case tooLarge(path: String, limit: Int)

        var description: String {
            switch self {
            case .unreadable(let path, let code):
                "cannot read \(path): \(String(cString: strerror(code)))"
            case .tooLarge(let path, let limit): "\(path) holds more than \(limit) bytes"
            }
        }
    }

    /// Nil when there is no such file; blocks shortly.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .unreadable(path: path, code: errno)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, code: errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw .tooLarge(path: path, limit: limit)
    }

    /// The text of a file that must be there, without white space around it.
    static func text(_ path: String, limit: Int) throws(Failure) -> String {
        guard let bytes = try read(path, limit: limit) else {
            throw .unreadable(path: path, code: ENOENT)
        }
        return trimmed(String(decoding: bytes, as: UTF8.self))
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0.isWhitespace }
        let length = start.reversed().drop { $0.isWhitespace }.count
        return String(start.prefix(length))
    }
}
