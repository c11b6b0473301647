import Glibc

/// Which certificate authorities are trusted, where they are not libcurl's own default.
package struct TrustAnchors: Hashable, Sendable {
    /// A PEM file of certificates; nil for the default of this system.
    package var file: String?
    /// A directory of certificates named by hash; nil for the default of this system.
    package var directory: String?

    package init(file: String?, directory: String?) {
        self.file = file
        self.directory = directory
    }

    /// From `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR`, as curl's own tool reads them.
    package static var environment: TrustAnchors {
        TrustAnchors(
            file: variable("CURL_CA_BUNDLE") ?? variable("SSL_CERT_FILE"),
            directory: variable("SSL_CERT_DIR"))
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }
}
