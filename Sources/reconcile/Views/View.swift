/// A value made ready to be seen: by people as text, by machines as a versioned document.
///
/// Pure: the same value gives the same text and the same bytes.
protocol View: Sendable {
    associatedtype Document: Encodable

    /// Without a final line break; empty shows nothing.
    func text(_ style: TextStyle) -> String

    /// Encoded with sorted keys; it names its `kind` and `version` itself.
    var document: Document { get }
}
