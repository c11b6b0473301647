package import Transport

/// Where a repository is, as the operator gave it: a path, `file://`, `http://` or `https://`.
///
/// Credentials in a URL are taken out at once; no description shows them.
package struct SourceLocator: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// A repository on this machine that is read where it is; an absolute path.
        case local(path: String)
        /// A repository on this machine that is fetched like a remote one; an absolute path.
        case file(path: String)
        case http(HTTPURL)
    }

    package let place: Place
    /// What the URL held; an operator's own source of credentials goes before it.
    package let credential: HTTPCredential?

    /// Parses what the operator gave; relative paths start at `workingDirectory`, an absolute one.
    package init(
        _ text: String, workingDirectory: String
    ) throws(SourceLocatorProblem) {
        guard !text.isEmpty else { throw .empty }
        guard !text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else { throw .malformed }
        if let range = text.firstRange(of: "://") {
            let scheme = text[..<range.lowerBound].lowercased()
            (place, credential) = try SourceLocator.parse(
                text, scheme: scheme, rest: String(text[range.upperBound...]))
            return
        }
        // What git reads as `[user@]host:path` (git-clone, "Git URLs").
        if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") { throw .ssh }
        place = .local(path: SourcePath.absolute(text, in: workingDirectory))
        credential = nil
    }

    private static func parse(
        _ text: String, scheme: String, rest: String
    ) throws(SourceLocatorProblem) -> (Place, HTTPCredential?) {
        switch scheme {
        case "http", "https":
            guard let (url, credential) = try? HTTPURL.separating(text) else { throw .malformed }
            guard !url.text.contains("?") else { throw .malformed }
            return (.http(url), credential)
        case "file":
            let path = rest.hasPrefix("localhost/") ? String(rest.dropFirst(9)) : rest
            guard path.hasPrefix("/"), let decoded = SourcePath.percentDecoded(path) else {
                throw .malformed
            }
            return (.file(path: SourcePath.absolute(decoded, in: "/")), nil)
        case "ssh", "git+ssh", "ssh+git": throw .ssh
        default:
            let isScheme = !scheme.isEmpty && scheme.utf8.allSatisfy { (97...122).contains($0) }
            throw isScheme ? .unsupportedScheme(scheme) : .malformed
        }
    }
}

extension SourceLocator: CustomStringConvertible {
    package var description: String {
        switch place {
        case .local(let path): path
        case .file(let path): "file://\(path)"
        case .http(let url): url.text
        }
    }
}

/// Why a repository's address cannot be used; says what to do and never repeats the text, which
/// may hold a password.
package enum SourceLocatorProblem: Error, Hashable, Sendable {
    case empty
    case malformed
    case ssh
    case unsupportedScheme(String)
}

extension SourceLocatorProblem: CustomStringConvertible {
    package var description: String {
        let accepted = "give a path, file:///PATH, http://HOST/PATH or https://HOST/PATH"
        switch self {
        case .empty: return "the repository's address is empty: \(accepted)"
        case .malformed: return "the repository's address is malformed: \(accepted)"
        case .ssh:
            return "repositories over SSH are not supported yet: give its https:// address, "
                + "or a local clone's path (./NAME when it has a colon)"
        case .unsupportedScheme(let scheme):
            return "\(scheme):// repositories are not supported: \(accepted)"
        }
    }
}
