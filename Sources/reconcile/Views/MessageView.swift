/// The answer of a command that did one thing.
struct MessageView: View {
    /// For machines: `Approved`, `Resumed`.
    var result: String
    var message: String

    struct Document: Encodable {
        var kind: String
        var version = 1
        var message: String
    }

    var document: Document { Document(kind: result, message: message) }

    func text(_ style: TextStyle) -> String {
        style.wrapped(Plain.line(message), indent: 0)
    }
}
