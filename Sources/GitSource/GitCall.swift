import CLibGit2
import Training
import Transport

/// How libgit2's return codes become failures.
enum GitCall {
    /// Throws `.damaged` when a call failed, with libgit2's own message.
    ///
    /// The message belongs to the thread and stays after a success, so it is read only here, in
    /// the same synchronous step as the failed call.
    static func attempt(_ doing: String, _ code: Int32) throws(SourceFailure) {
        if code < 0 { throw .damaged("cannot \(doing): \(lastMessage(code))") }
    }

    /// The message of the call that failed last on this thread, without credentials.
    static func lastMessage(_ code: Int32) -> String {
        guard let error = git_error_last(), let message = error.pointee.message else {
            return "libgit2 error \(code)"
        }
        return Redaction.apply(to: String(cString: message), secrets: [])
    }

    /// Makes a libgit2 object and takes ownership of it.
    static func make(
        _ doing: String, release: @escaping (OpaquePointer?) -> Void,
        _ body: (inout OpaquePointer?) -> Int32
    ) throws(SourceFailure) -> GitHandle {
        var pointer: OpaquePointer?
        try attempt(doing, body(&pointer))
        guard let pointer else { throw .damaged("cannot \(doing): libgit2 gave nothing") }
        return GitHandle(pointer, release: release)
    }
}

/// The one owner of a libgit2 object; frees it at its end.
///
/// Not Sendable, as libgit2's are not.
final class GitHandle {
    let pointer: OpaquePointer
    private let release: (OpaquePointer?) -> Void

    init(_ pointer: OpaquePointer, release: @escaping (OpaquePointer?) -> Void) {
        self.pointer = pointer
        self.release = release
    }

    deinit { release(pointer) }
}

extension git_oid {
    /// Reads 40 hexadecimal digits; nil for anything else.
    init?(hex: String) {
        self.init()
        guard hex.utf8.count == 40, git_oid_fromstr(&self, hex) == 0 else { return nil }
    }

    /// 40 lower-case hexadecimal digits.
    var hex: String {
        withUnsafeBytes(of: id) { bytes in
            let digits = Array("0123456789abcdef".utf8)
            let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
