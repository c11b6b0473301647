import Training

/// What people read holds no control character, with which a file could drive their terminal.
func requireClean(_ message: String) throws {
    try require(!message.isEmpty, "a message is empty")
    try require(
        message.unicodeScalars.allSatisfy { $0.value >= 32 && !(127..<160).contains($0.value) },
        "a message holds a control character")
}

/// A value comes back from the store as it was, and always as the same bytes.
func requireStorable(_ value: some Codable & Equatable, _ name: String) throws {
    let stored = CanonicalJSON.encode(value)
    guard let again = try? CanonicalJSON.decode(type(of: value), from: stored) else {
        throw BrokenProperty("the \(name) does not come back")
    }
    try require(again == value, "the \(name) comes back changed")
    try require(CanonicalJSON.encode(again) == stored, "the \(name) has two forms")
}
