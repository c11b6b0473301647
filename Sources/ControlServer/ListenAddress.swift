/// Where the control server listens: `127.0.0.1:8400`, or `[::1]:8400`.
///
/// Only a loopback address: what it shows is for this machine, and for whatever proxy its owner
/// puts before it.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Host: String, Sendable {
        case ip4 = "127.0.0.1"
        case ip6 = "::1"
    }

    package let host: Host
    /// 0: a free one.
    package let port: UInt16

    /// Nil for any other form; `localhost` is 127.0.0.1.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": host = .ip4
        case "[::1]": host = .ip6
        default: return nil
        }
        self.port = port
    }

    package var description: String {
        host == .ip4 ? "127.0.0.1:\(port)" : "[::1]:\(port)"
    }
}
