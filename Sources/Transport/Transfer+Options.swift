import CLibCurl
import Glibc

/// What libcurl is told before it begins.
extension Transfer {
    func setOptions(_ trust: TrustAnchors) {
        let limits = request.limits
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = shim_set_pointer(easy, CURLOPT_PRIVATE, context)
        _ = shim_set_pointer(easy, CURLOPT_ERRORBUFFER, message)
        _ = shim_set_long(easy, CURLOPT_NOSIGNAL, 1)
        _ = shim_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        _ = shim_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // Pausing is simplest and best proven on one stream a connection.
        _ = shim_set_long(easy, CURLOPT_HTTP_VERSION, shim_http_1_1())
        _ = shim_set_long(easy, CURLOPT_SSLVERSION, shim_tls_1_2())
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        if let file = trust.file { _ = shim_set_string(easy, CURLOPT_CAINFO, file) }
        if let directory = trust.directory {
            _ = shim_set_string(easy, CURLOPT_CAPATH, directory)
        }
        _ = shim_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, limits.connect.milliseconds))
        _ = shim_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, max(1, limits.slowest))
        _ = shim_set_long(
            easy, CURLOPT_LOW_SPEED_TIME, max(1, Int(limits.stall.components.seconds)))
        _ = shim_set_string(easy, CURLOPT_USERAGENT, "holdfast")
        _ = shim_set_list(easy, CURLOPT_HTTPHEADER, list)
        _ = shim_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = shim_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(header: line)
        }
        _ = shim_set_pointer(easy, CURLOPT_WRITEDATA, context)
        _ = shim_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context else { return 0 }
            let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(body: body)
        }
        if !request.usesProxy { _ = shim_set_string(easy, CURLOPT_PROXY, "") }
        if request.isSentOnce { _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, 1) }
        // Paths are sent as they are signed: dot segments may be a part of an object's name.
        _ = shim_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        // A child process that we start must not inherit our connections.
        _ = shim_set_socket_callback(easy, CURLOPT_SOCKOPTFUNCTION) { _, socket, _ in
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            return 0
        }
    }

    func setMethod() {
        switch request.method {
        case .get: _ = shim_set_long(easy, CURLOPT_HTTPGET, 1)
        case .head: _ = shim_set_long(easy, CURLOPT_NOBODY, 1)
        case .post: setBody()
        case .put:
            setBody()
            _ = shim_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .delete: _ = shim_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    /// Libcurl's POST takes any body; a PUT differs from it by the word alone.
    private func setBody() {
        _ = shim_set_long(easy, CURLOPT_POST, 1)
        switch request.body {
        case .bytes(let bytes): setBody(bytes)
        case .file(_, _, length: 0): setBody([])
        case .file(_, _, let length): setFileBody(length)
        }
    }

    /// Libcurl asks for the bytes when it can send them, and rewinds when it must send them again.
    private func setFileBody(_ length: Int) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = shim_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(length))
        _ = shim_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        _ = shim_set_pointer(easy, CURLOPT_READDATA, context)
        _ = shim_set_data_callback(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let context else { return shim_read_abort() }
            let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().fill(room)
        }
        _ = shim_set_pointer(easy, CURLOPT_SEEKDATA, context)
        _ = shim_set_seek_callback(easy, CURLOPT_SEEKFUNCTION) { context, offset, origin in
            guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.rewind(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
        }
    }

    /// Libcurl copies the bytes; the size comes first, since they may hold a zero.
    private func setBody(_ bytes: [UInt8]) {
        _ = shim_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        bytes.withUnsafeBytes { bytes in
            let empty: StaticString = ""
            let start = bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
            _ = shim_set_pointer(
                easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        }
    }

    /// The header lines in libcurl's form; throws for one that would break the request apart.
    static func lines(of request: HTTPRequest) throws(TransportFailure) -> [String] {
        var headers = request.headers
        if let credential = request.credential {
            headers.append(HTTPHeader("Authorization", credential.headerValue))
        }
        // "Name;" sends an empty value and "Name:" none at all. Without these two, libcurl would
        // wait for a 100 and call each body a form.
        var lines = ["Expect:"]
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        for header in headers {
            let isToken = { (byte: UInt8) in byte > 32 && byte < 127 && byte != UInt8(ascii: ":") }
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(isToken),
                !header.value.utf8.contains(where: { $0 < 32 && $0 != 9 || $0 == 127 })
            else { throw .invalid("a header cannot be sent as it is") }
            lines.append(
                header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        return lines
    }
}

extension Duration {
    /// Whole milliseconds, rounded down; at most what fits a C `long`.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
