import CLibYAML

/// One event of libyaml with its place.
struct Event {
    enum Kind {
        case documentStart
        case documentEnd
        case streamEnd
        case alias(String)
        case scalar(text: String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    var kind: Kind
    var position: Position
    var anchor: String?
    var tag: String?
}

/// The events of one file.
///
/// Borrows the bytes: it must not outlive the closure that lends them.
final class EventStream {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(borrowing bytes: UnsafeBufferPointer<UInt8>) throws(Finding) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw Finding(position: .start, message: "not enough memory to read the file")
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event that matters; after `.streamEnd` there is none.
    func next() throws(Finding) -> Event {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw problem() }
            defer { yaml_event_delete(&raw) }
            if let event = EventStream.translate(raw) { return event }
        }
    }

    private static func translate(_ raw: yaml_event_t) -> Event? {
        let position = Position(
            line: Int(raw.start_mark.line) + 1, column: Int(raw.start_mark.column) + 1)
        func event(
            _ kind: Event.Kind, anchor: UnsafePointer<UInt8>? = nil,
            tag: UnsafePointer<UInt8>? = nil
        ) -> Event {
            Event(
                kind: kind, position: position, anchor: anchor.map { String(cString: $0) },
                tag: tag.map { String(cString: $0) })
        }
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT: return event(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return event(.documentEnd)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return event(.streamEnd)
        case YAML_SEQUENCE_END_EVENT: return event(.sequenceEnd)
        case YAML_MAPPING_END_EVENT: return event(.mappingEnd)
        case YAML_ALIAS_EVENT:
            return event(.alias(String(cString: raw.data.alias.anchor)))
        case YAML_SEQUENCE_START_EVENT:
            let start = raw.data.sequence_start
            return event(.sequenceStart, anchor: start.anchor, tag: start.tag)
        case YAML_MAPPING_START_EVENT:
            let start = raw.data.mapping_start
            return event(.mappingStart, anchor: start.anchor, tag: start.tag)
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return event(
                .scalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain),
                anchor: scalar.anchor, tag: scalar.tag)
        default:
            return nil
        }
    }

    /// libyaml's own words hold none of the input.
    private func problem() -> Finding {
        let words = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
        // An open quote is found at the end of the file, and to be mended where it opens.
        let isOpenQuote = words == EventStream.openQuote
        let mark = isOpenQuote ? parser.pointee.context_mark : parser.pointee.problem_mark
        let position = Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        return Finding(position: position, message: "not YAML: " + EventStream.advice(for: words))
    }

    private static let openQuote = "found unexpected end of stream"

    private static func advice(for problem: String) -> String {
        switch problem {
        case "found character that cannot start any token":
            "this character cannot stand here; indent with spaces, never tabs, and put text that "
                + "begins with it in quotes"
        case "mapping values are not allowed in this context":
            "`key: value` cannot stand here; check the indentation, and put text that holds `: ` "
                + "in quotes"
        case "did not find expected key":
            "expected a key here; check the indentation and the quotes before it"
        case "could not find expected ':'":
            "expected `:` after a key; check the lines before"
        case "did not find expected <document start>":
            "expected `---` or the end of the file; check the indentation"
        case openQuote:
            "the quote that opens here is never closed"
        default: problem
        }
    }
}
