import Processes

/// The end of a log, for the report.
enum LogTail {
    private static let bytes = 20 * 400 * 4

    /// At most `lines` lines of at most `columns` characters from the end of the file, not before
    /// `offset`; none when it cannot be read.
    ///
    /// Secrets are hidden before anything is cut off: half of one would not be recognised.
    static func read(
        _ path: String, from offset: Int, lines: Int = 20, columns: Int = 400,
        hiding mask: SecretMask = SecretMask()
    ) -> [String] {
        guard let file = try? OpenFile(path, .read), let size = try? file.status().size else {
            return []
        }
        let start = max(offset, size - bytes)
        let first = max(offset, start - mask.reach)
        guard let tail = LogTail.bytes(of: file, from: first, count: size - first) else {
            return []
        }
        return String(decoding: mask.masked(tail, from: start - first), as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .suffix(lines)
            .map { String($0.prefix(columns)) }
    }

    /// `count` bytes from `offset`; fewer at the end of the file.
    static func bytes(of file: borrowing OpenFile, from offset: Int, count: Int) -> [UInt8]? {
        guard count > 0 else { return [] }
        var result = [UInt8](repeating: 0, count: count)
        let read = result.withUnsafeMutableBytes { buffer in
            positionedRead(file.descriptor, buffer, offset)
        }
        guard let read else { return nil }
        result.removeLast(count - read)
        return result
    }
}
