import CLibCurl

/// One transfer on libcurl's thread: its easy handle, and what its callbacks found.
///
/// Confined to that thread; the easy handle's private pointer leads back to it, unretained,
/// since the loop's table owns it while libcurl knows the handle.
final class Transfer {
    let number: Int
    let easy: UnsafeMutableRawPointer
    private let stream: ResponseStream
    let request: HTTPRequest
    private let deadline: ContinuousClock.Instant
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private(set) var list: UnsafeMutablePointer<curl_slist>?
    private(set) var url: HTTPURL
    private let file: FileBody?
    private var parser = HeadParser()
    private var received = 0
    private var redirects = 0
    /// What a callback ended the transfer for; libcurl's code says only that one did.
    private var failure: TransportFailure?

    init(
        _ number: Int, _ request: HTTPRequest, _ trust: TrustAnchors, _ stream: ResponseStream
    ) throws(TransportFailure) {
        let lines = try Transfer.lines(of: request)
        if case .file(let path, let offset, let length) = request.body {
            file = try FileBody(path: path, offset: offset, length: length)
        } else {
            file = nil
        }
        guard let easy = curl_easy_init() else { throw .overloaded("no memory for a request") }
        self.number = number
        self.easy = easy
        self.stream = stream
        self.request = request
        url = request.url
        deadline = ContinuousClock.now + request.limits.total
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        for line in lines { list = curl_slist_append(list, line) }
        setOptions(trust)
        setMethod()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        message.deallocate()
    }

    static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        guard shim_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else {
            return nil
        }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// Hands the transfer to libcurl, with what is left of its time.
    func begin(_ multi: UnsafeMutableRawPointer) throws(TransportFailure) {
        let left = deadline - .now
        guard left > .zero else { throw timeout("the deadline passed") }
        _ = shim_set_string(easy, CURLOPT_URL, url.text)
        _ = shim_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, left.milliseconds))
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
            throw .overloaded("libcurl takes no further request")
        }
    }

    /// Lets libcurl deliver again what it held back.
    func resume() {
        curl_easy_pause(easy, shim_pause_none())
    }

    func end(_ multi: UnsafeMutableRawPointer, _ outcome: Result<Void, TransportFailure>) {
        curl_multi_remove_handle(multi, easy)
        stream.finish(outcome)
    }

    // MARK: Redirects

    /// Where the response points to, when the request follows.
    private var target: String? {
        guard case .sameHost = request.redirects,
            [301, 302, 303, 307, 308].contains(parser.status),
            request.method == .get || request.method == .head
        else { return nil }
        return parser.headers.first { $0.name.lowercased() == "location" }?.value
    }

    /// Starts over at the redirect's target; false when the transfer has ended instead.
    func follows(_ multi: UnsafeMutableRawPointer, _ code: CURLcode) -> Bool {
        guard code == CURLE_OK, failure == nil, let target,
            case .sameHost(let limit) = request.redirects
        else { return false }
        do throws(TransportFailure) {
            let next = try url.resolving(target)
            guard url.admitsRedirect(to: next) else {
                throw .redirectRefused("\(url.host) points to another server, \(next.host)")
            }
            redirects += 1
            guard redirects <= limit else {
                throw .redirectRefused("\(url.host) redirected more than \(limit) times")
            }
            url = next
            parser = HeadParser()
            received = 0
            curl_multi_remove_handle(multi, easy)
            try begin(multi)
            return true
        } catch {
            failure = error
            return false
        }
    }

    // MARK: Callbacks

    func take(header line: UnsafeRawBufferPointer) -> Int {
        switch parser.add(line) {
        case .more: return line.count
        case .tooLarge:
            failure = .tooLarge(limit: HeadParser.limit)
            return 0
        case .complete:
            if target == nil {
                stream.deliver(
                    HTTPHead(status: parser.status, headers: parser.headers, url: url))
            }
            return line.count
        }
    }

    /// Gives libcurl the next bytes of the file.
    func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
        do throws(TransportFailure) {
            return try file?.read(into: room) ?? 0
        } catch {
            failure = error
            return shim_read_abort()
        }
    }

    func rewind(to offset: Int) -> Bool {
        file?.rewind(to: offset) ?? false
    }

    func take(body bytes: UnsafeRawBufferPointer) -> Int {
        guard received + bytes.count <= request.limits.responseBytes else {
            failure = .tooLarge(limit: request.limits.responseBytes)
            return 0
        }
        if target == nil {
            switch stream.deliver(bytes) {
            case .taken: break
            case .full: return shim_write_pause()
            case .closed: return 0
            }
        }
        received += bytes.count
        return bytes.count
    }

    func outcome(of code: CURLcode) -> Result<Void, TransportFailure> {
        if let failure { return .failure(failure) }
        if code == CURLE_OK { return .success(()) }
        return .failure(explain(code))
    }
}
