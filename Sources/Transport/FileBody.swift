import Glibc

/// A part of a file as the body of one transfer; confined to the loop's thread.
///
/// One read a call into libcurl's own buffer, so memory does not grow with the file.
final class FileBody {
    private let path: String
    private let descriptor: Int32
    private let start: Int
    private let length: Int
    private var position = 0

    init(path: String, offset: Int, length: Int) throws(TransportFailure) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable("\(path): \(FileBody.reason(errno))") }
        do throws(TransportFailure) {
            try FileBody.check(file, path, offset, length)
        } catch {
            close(file)
            throw error
        }
        self.path = path
        start = offset
        self.length = length
        // Last, since a class that is whole is released by its deinit even when init throws: the
        // number would be closed twice, and be another's file at the second time.
        descriptor = file
    }

    private static func check(
        _ file: Int32, _ path: String, _ offset: Int, _ length: Int
    ) throws(TransportFailure) {
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable("\(path) is not a file")
        }
        let (end, overflows) = offset.addingReportingOverflow(length)
        guard offset >= 0, length >= 0, !overflows, end <= Int(facts.st_size) else {
            throw .unreadable(
                "\(path) has \(facts.st_size) bytes, too few for \(length) from \(offset) on")
        }
    }

    deinit { close(descriptor) }

    /// Reads what comes next; zero at the end of the part.
    func read(into room: UnsafeMutableRawBufferPointer) throws(TransportFailure) -> Int {
        let wanted = min(room.count, length - position)
        guard wanted > 0 else { return 0 }
        while true {
            let count = pread(descriptor, room.baseAddress, wanted, off_t(start + position))
            if count > 0 {
                position += count
                return count
            }
            if count == 0 {
                throw .unreadable("\(path) became shorter while it was sent")
            }
            guard errno == EINTR else {
                throw .unreadable("\(path): \(FileBody.reason(errno))")
            }
        }
    }

    func rewind(to offset: Int) -> Bool {
        guard (0...length).contains(offset) else { return false }
        position = offset
        return true
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
