/// What a contract found to be otherwise than promised, one line each.
struct Findings {
    private(set) var lines: [String] = []

    /// Notes `promise` as broken where it does not hold.
    mutating func callAsFunction(_ holds: Bool, _ promise: String) {
        if !holds { lines.append("not so: \(promise)") }
    }
}

/// What a call threw; nil when it did not.
func thrown<Value, Failure: Error>(
    _ call: () async throws(Failure) -> Value
) async -> Failure? {
    do throws(Failure) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
