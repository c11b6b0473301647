import Glibc

/// What is known of the terminal that the program speaks to.
struct Terminal: Hashable, Sendable {
    /// Columns of standard output; nil when it is no terminal.
    var width: Int?
    /// Standard error is one.
    var showsErrors: Bool

    static let none = Terminal(width: nil, showsErrors: false)

    /// The terminal of this process; `TERM=dumb` is none.
    static func current(environment: [String: String]) -> Terminal {
        guard environment["TERM"] != "dumb" else { return .none }
        return Terminal(width: columns(environment), showsErrors: isatty(2) == 1)
    }

    private static func columns(_ environment: [String: String]) -> Int? {
        guard isatty(1) == 1 else { return nil }
        if let text = environment["COLUMNS"], let count = Int(text), count >= 40 { return count }
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
        return Int(size.ws_col)
    }
}
