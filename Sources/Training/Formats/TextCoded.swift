/// A value whose JSON form is one string, the same that people read.
package protocol TextCoded: Codable, CustomStringConvertible {
    /// What a string must look like, for errors about bytes that somebody else wrote.
    static var textForm: String { get }

    /// Nil when the text has another form.
    init?(_ text: String)
}

extension TextCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected \(Self.textForm)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
