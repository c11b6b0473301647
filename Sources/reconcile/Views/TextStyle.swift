import Training

/// How text is laid out for one reader.
struct TextStyle: Hashable, Sendable {
    enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
        case faint = "2"
        case bold = "1"
    }

    var isColoured: Bool
    /// Columns of the terminal; nil when there is none, and then nothing is cut or wrapped.
    var width: Int?
    /// More columns, nothing cut.
    var isWide: Bool

    init(isColoured: Bool = false, width: Int? = nil, isWide: Bool = false) {
        self.isColoured = isColoured
        self.width = width
        self.isWide = isWide
    }

    func paint(_ text: String, _ colour: Colour?) -> String {
        guard isColoured, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    /// `text` in lines that fit after `indent` columns, the later ones indented by that much.
    func wrapped(_ text: String, indent: Int) -> String {
        guard let width, width - indent >= 20 else { return text }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && line.count + 1 + word.count > width - indent {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        if !line.isEmpty { lines.append(line) }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}

extension Timestamp {
    /// For people: `2026-11-21T12:00:00Z`, the fraction cut off.
    var toSeconds: String { description.prefix(19) + "Z" }
}

/// Foreign text made harmless: agents, trainers and repositories may send control sequences.
enum Plain {
    /// One line: control characters become spaces.
    static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    /// Line breaks stay, other control characters become spaces.
    static func text(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0 != "\n" && isControl($0) ? " " : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // C0, DEL, C1, and the marks that turn the direction of writing around.
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}
