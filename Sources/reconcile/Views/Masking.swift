import Transport

/// Hides credentials in all that is shown: those of the environment by value, those of URLs by
/// form.
struct Masking: Sendable {
    /// Environment variables whose values are never shown.
    static let variables = [
        "HOLDFAST_GIT_PASSWORD", "HOLDFAST_GIT_TOKEN", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ]

    /// Longest first, so that a secret that holds another one goes as a whole.
    private let secrets: [String]

    init(environment: [String: String] = [:]) {
        let values = Self.variables.compactMap { environment[$0] }.filter { $0.utf8.count >= 4 }
        let forms = values.flatMap { [$0, Self.escaped($0), Self.percentEncoded($0)] }
        secrets = Set(forms).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// Of a URL the name goes, too: tokens often stand there.
    func masked(_ text: String) -> String { Redaction.apply(to: text, secrets: secrets) }

    /// As the text stands inside a JSON string.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1 == "\"" || $1 == "\\" ? "\\\($1)" : "\($1)" }
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80,
                scalar.properties.isAlphabetic
                    || "0123456789-._~".unicodeScalars
                        .contains(scalar)
            {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
    }
}
