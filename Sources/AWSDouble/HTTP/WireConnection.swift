import Glibc

/// One HTTP/1.1 connection, served to its end by the thread that it was accepted on.
struct WireConnection: ~Copyable {
    /// Bounds in bytes: of everything before a body, and of a body.
    static let headLimit = 64 << 10
    static let bodyLimit = 512 << 20

    private let socket: Int32
    /// Read from the socket, not yet taken.
    private var buffer: [UInt8] = []

    /// Why a connection ends without an answer to what it sent last.
    enum End: Error {
        case closed
        case malformed
        case tooLarge
    }

    init(_ socket: Int32) {
        self.socket = socket
        var on: Int32 = 1
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(socket) }

    /// Answers request after request until the other side closes.
    mutating func serve(_ answer: (WireRequest) -> WireAnswer, clock: DoubleClock) {
        while true {
            let request: WireRequest
            do throws(End) {
                request = try readRequest()
            } catch {
                let status = error == .tooLarge ? 413 : 400
                if error != .closed { _ = write(WireAnswer(status), to: nil, clock) }
                return
            }
            let reply = answer(request)
            guard !reply.isLost, write(reply, to: request, clock) else { return }
            if request["connection"]?.lowercased() == "close" { return }
        }
    }

    // MARK: Reading

    private mutating func readRequest() throws(End) -> WireRequest {
        let lines = try readHead()
        guard let first = lines.first else { throw .malformed }
        let words = first.split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { throw .malformed }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            let value = line[line.index(after: colon)...]
            headers.append((line[..<colon].lowercased(), String(value)))
        }
        let target = words[1].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = WireRequest(
            method: String(words[0]), path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : "", headers: headers, body: [])
        request.body = try readBody(of: request)
        return request
    }

    private mutating func readHead() throws(End) -> [String] {
        var lines: [String] = []
        var size = 0
        while true {
            let line = try readLine()
            size += line.utf8.count + 2
            guard size <= WireConnection.headLimit else { throw .tooLarge }
            if line.isEmpty {
                // A blank line before the request line is allowed (RFC 9112, 2.2).
                if lines.isEmpty { continue }
                return lines
            }
            lines.append(line)
        }
    }

    private mutating func readLine() throws(End) -> String {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                var line = buffer[..<end]
                if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
                let text = String(decoding: line, as: UTF8.self)
                buffer.removeFirst(end + 1)
                return text
            }
            searched = buffer.count
            guard searched <= WireConnection.headLimit else { throw .tooLarge }
            try fill(16 << 10)
        }
    }

    private mutating func readBody(of request: WireRequest) throws(End) -> [UInt8] {
        let isChunked = request["transfer-encoding"]?.lowercased() == "chunked"
        let length: Int
        if let text = request["content-length"] {
            guard !isChunked, let value = Int(text), value >= 0 else { throw .malformed }
            length = value
        } else {
            length = 0
        }
        guard length <= WireConnection.bodyLimit else { throw .tooLarge }
        if request["expect"]?.lowercased() == "100-continue", isChunked || length > buffer.count {
            guard send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { throw .closed }
        }
        return isChunked ? try readChunks() : try take(length)
    }

    private mutating func readChunks() throws(End) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine()
            let digits = line.prefix { $0 != ";" }
            guard let size = Int(WireRequest.trimmed(digits), radix: 16), size >= 0 else {
                throw .malformed
            }
            guard body.count + size <= WireConnection.bodyLimit else { throw .tooLarge }
            if size == 0 { break }
            body += try take(size)
            guard try readLine().isEmpty else { throw .malformed }
        }
        while try !readLine().isEmpty {}
        return body
    }

    private mutating func take(_ count: Int) throws(End) -> [UInt8] {
        while buffer.count < count { try fill(count - buffer.count) }
        let taken = Array(buffer[..<count])
        buffer.removeFirst(count)
        return taken
    }

    private mutating func fill(_ wanted: Int) throws(End) {
        let size = min(max(wanted, 16 << 10), 1 << 20)
        let start = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: size))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { recv(socket, $0 + start, size, 0) } ?? 0
        }
        buffer.removeLast(size - max(0, count))
        guard count > 0 else { throw .closed }
    }

    // MARK: Writing

    private func write(
        _ answer: WireAnswer, to request: WireRequest?, _ clock: DoubleClock
    ) -> Bool {
        var head = "HTTP/1.1 \(answer.status) \(WireConnection.phrase(answer.status))\r\n"
        head += "Date: \(WireTime(clock.now).http)\r\nServer: AWSDouble\r\n"
        for header in answer.headers { head += "\(header.name): \(header.value)\r\n" }
        let hasBody = answer.status != 204 && answer.status != 304
        if hasBody, answer["content-length"] == nil {
            head += "Content-Length: \(answer.body.count)\r\n"
        }
        if request == nil { head += "Connection: close\r\n" }
        head += "\r\n"
        let isSilent = !hasBody || request?.method == "HEAD"
        return send(Array(head.utf8) + (isSilent ? [] : answer.body))
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = Glibc.send(
                    socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 416: "Range Not Satisfiable"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
