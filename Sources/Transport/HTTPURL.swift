import CLibCurl

/// An absolute `http` or `https` URL without credentials and fragment; scheme and host in lower
/// case, a default port left out.
///
/// Parsed by libcurl, so that what is checked is what is fetched.
package struct HTTPURL: Hashable, Sendable {
    package let text: String
    /// `http` or `https`.
    package let scheme: String
    /// A name or an address, in lower case.
    package let host: String
    package let port: Int

    /// Parses a URL; one that holds credentials is refused, since it would be shown.
    package init(_ text: String) throws(TransportFailure) {
        let (url, credential) = try HTTPURL.separating(text)
        guard credential == nil else {
            throw .invalid("the URL for \(url.host) holds credentials")
        }
        self = url
    }

    private init(_ parts: URLParts) throws(TransportFailure) {
        guard let scheme = parts[CURLUPART_SCHEME], scheme == "http" || scheme == "https" else {
            throw .invalid("only http and https URLs are fetched")
        }
        guard let host = parts[CURLUPART_HOST], !host.isEmpty else {
            throw .invalid("the URL names no host")
        }
        self.scheme = scheme
        self.host = host.lowercased()
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
            parts.set(part, to: nil)
        }
        guard parts.set(CURLUPART_HOST, to: self.host),
            let port = parts.get(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
            let text = parts.get(CURLUPART_URL, CURLU_NO_DEFAULT_PORT)
        else { throw .invalid("the URL is malformed") }
        self.port = port
        self.text = text
    }

    /// Parses a URL and takes its credentials out of it.
    ///
    /// The error holds no part of the text.
    package static func separating(
        _ text: String
    ) throws(TransportFailure) -> (url: HTTPURL, credential: HTTPCredential?) {
        let parts = try URLParts()
        guard !text.utf8.contains(where: { $0 <= 32 || $0 == 127 }),
            parts.set(CURLUPART_URL, to: text)
        else { throw .invalid("the URL is malformed") }
        let username = parts.get(CURLUPART_USER, CURLU_URLDECODE) ?? ""
        let password = parts.get(CURLUPART_PASSWORD, CURLU_URLDECODE) ?? ""
        let url = try HTTPURL(parts)
        if username.isEmpty && password.isEmpty { return (url, nil) }
        return (url, .basic(username: username, password: password))
    }

    /// Host and port as a `Host` header names them: without a default port.
    package var authority: String {
        port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)"
    }

    /// The path, percent-encoded, without the query; begins with `/`.
    package var path: String {
        let origin = "\(scheme)://\(authority)"
        let rest = text.utf8.dropFirst(origin.utf8.count)
        return String(decoding: rest.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    }

    /// The same server with another path and query.
    ///
    /// Both are percent-encoded already and sent exactly as given: empty and dot segments stay.
    package func with(path: String, query: String? = nil) throws(TransportFailure) -> HTTPURL {
        let isVisible = { (byte: UInt8) in byte > 32 && byte < 127 && byte != UInt8(ascii: "#") }
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ isVisible($0) && $0 != 63 }),
            (query ?? "").utf8.allSatisfy(isVisible)
        else { throw .invalid("the path or query for \(host) is not encoded") }
        let rest = path + (query.map { "?" + $0 } ?? "")
        return HTTPURL(of: self, text: "\(scheme)://\(authority)\(rest)")
    }

    private init(of other: HTTPURL, text: String) {
        self.text = text
        scheme = other.scheme
        host = other.host
        port = other.port
    }

    /// The URL that a `Location` header names, relative to this one.
    func resolving(_ location: String) throws(TransportFailure) -> HTTPURL {
        let parts = try URLParts()
        guard parts.set(CURLUPART_URL, to: text), parts.set(CURLUPART_URL, to: location),
            parts[CURLUPART_USER] == nil, parts[CURLUPART_PASSWORD] == nil
        else { throw .redirectRefused("\(host) names a malformed target") }
        do {
            return try HTTPURL(parts)
        } catch {
            throw .redirectRefused("\(host) names a target that is not http or https")
        }
    }

    /// Whether a redirect from here to `target` stays with the server that was asked: the same
    /// origin, or the step from http to https at the default ports.
    func admitsRedirect(to target: HTTPURL) -> Bool {
        guard host == target.host else { return false }
        if scheme == target.scheme { return port == target.port }
        return scheme == "http" && port == 80 && target.scheme == "https" && target.port == 443
    }
}

extension HTTPURL: CustomStringConvertible {
    package var description: String { text }
}

/// A libcurl URL handle for the length of one parse.
private final class URLParts {
    private let handle: OpaquePointer

    init() throws(TransportFailure) {
        guard let handle = curl_url() else { throw .overloaded("no memory for a URL") }
        self.handle = handle
    }

    deinit { curl_url_cleanup(handle) }

    @discardableResult
    func set(_ part: CURLUPart, to value: String?) -> Bool {
        curl_url_set(handle, part, value, 0) == CURLUE_OK
    }

    subscript(part: CURLUPart) -> String? { self.get(part, 0) }

    func get(_ part: CURLUPart, _ flags: Int32) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else {
            return nil
        }
        defer { curl_free(value) }
        return String(cString: value)
    }
}
