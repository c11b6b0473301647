/// One spelling for each repository: part of what owns a scope, so two spellings of one address
/// must not look like two owners.
enum OriginURL {
    /// Scheme and host in lower case; no credentials, default port, trailing `/` or `.git`.
    ///
    /// Takes whatever stands as a remote's URL in a repository at `base`.
    static func normalised(_ text: String, base: String) -> String {
        if let range = text.firstRange(of: "://") {
            let scheme = text[..<range.lowerBound].lowercased()
            let rest = text[range.upperBound...]
            if scheme == "file" {
                let path = String(rest.drop { $0 != "/" })
                return ofPath(SourcePath.percentDecoded(path) ?? path)
            }
            let authority = Substring(rest.utf8.prefix { $0 != UInt8(ascii: "/") })
            return scheme + "://" + host(authority, scheme: scheme)
                + trimmed(String(rest[authority.endIndex...]))
        }
        if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
            let path = text[text.index(after: colon)...].drop { $0 == "/" }
            return "ssh://" + host(text[..<colon], scheme: "ssh") + "/" + trimmed(String(path))
        }
        return ofPath(SourcePath.absolute(text, in: base))
    }

    static func ofPath(_ path: String) -> String {
        "file://" + trimmed(path)
    }

    private static func host(_ authority: Substring, scheme: String) -> String {
        var host = authority.lowercased()
        // By bytes: a combining mark behind the `@` does not hide what stands before it.
        if let at = host.utf8.lastIndex(of: UInt8(ascii: "@")) {
            host = String(host[host.utf8.index(after: at)...])
        }
        let ports = ["http": ":80", "https": ":443", "ssh": ":22", "git": ":9418"]
        if let port = ports[scheme], host.hasSuffix(port) { host.removeLast(port.count) }
        return host
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/.git") {
            path.removeLast(5)
        } else if path.hasSuffix(".git") {
            path.removeLast(4)
        }
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
