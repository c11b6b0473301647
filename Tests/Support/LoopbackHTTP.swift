import Glibc

/// One HTTP/1.1 exchange with a server on 127.0.0.1, without any client library.
package enum LoopbackHTTP {
    package struct Answer: Sendable {
        package var status: Int
        package var head: String
        package var body: String
    }

    package struct Failure: Error {
        package var code: Int32
        package var stage: String
    }

    /// Sends one request and reads to the end of the connection.
    package static func exchange(
        _ port: Int, _ method: String, _ target: String,
        headers: [String: String] = [:], body: String = ""
    ) throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(code: errno, stage: "socket") }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, size)
            }
        }
        guard connected == 0 else { throw Failure(code: errno, stage: "connect") }
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)"]
        lines += headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        lines += ["Connection: close", "Content-Length: \(body.utf8.count)", "", ""]
        try write(Array((lines.joined(separator: "\r\n") + body).utf8), to: descriptor)
        return try answer(read(descriptor))
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(code: errno, stage: "send") }
            sent += count
        }
    }

    private static func read(_ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure(code: errno, stage: "receive") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func answer(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        let parts = text.split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = text.prefix(64).split(separator: " ")
        guard parts.count == 2, words.count > 1, let status = Int(words[1]) else {
            throw Failure(code: 0, stage: "no answer")
        }
        return Answer(status: status, head: String(parts[0]), body: String(parts[1]))
    }
}
