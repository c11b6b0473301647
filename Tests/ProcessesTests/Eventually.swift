/// Asks until the condition holds; false after a minute.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
    for _ in 0..<6_000 {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
