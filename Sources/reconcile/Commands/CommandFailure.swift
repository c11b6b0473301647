import Training

/// Why a command ended without doing what was asked, and what the person can do about it.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    var message: String
    /// What to do next.
    var advice: String?
    var exit: ExitReason

    init(_ message: String, advice: String? = nil, exit: ExitReason = .error) {
        self.message = message
        self.advice = advice
        self.exit = exit
    }

    var description: String { message }
}
