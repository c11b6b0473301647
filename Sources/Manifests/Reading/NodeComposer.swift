/// Events to trees of nodes, within the limits.
///
/// What concerns one value (a duplicate key, a tag) becomes a finding, and reading goes on; what
/// makes the rest unreadable (syntax, a limit) is thrown.
struct NodeComposer: ~Copyable {
    private let events: EventStream
    private var nodes = 0
    private var documents = 0
    private var anchors: [String: Node] = [:]
    /// `name` of the document that is being read, known even when its end is unreadable.
    private(set) var nameSoFar: Node?
    var findings = Findings()

    init(events: EventStream) {
        self.events = events
    }

    /// The root of the next document; nil after the last one.
    mutating func nextDocument() throws(Finding) -> Node? {
        anchors.removeAll(keepingCapacity: true)
        nameSoFar = nil
        let start = try events.next()
        guard case .documentStart = start.kind else { return nil }
        documents += 1
        guard documents <= ReadingLimits.documents else {
            throw Finding(
                position: start.position,
                message: "more than \(ReadingLimits.documents) documents in one file")
        }
        let root = try node(try events.next(), depth: 0)
        _ = try events.next()
        return root
    }

    private mutating func node(_ event: Event, depth: Int) throws(Finding) -> Node {
        let node: Node
        switch event.kind {
        case .alias(let name): return try aliased(name, at: event.position, depth: depth)
        case .scalar(let text, let isPlain):
            try count(1, at: event.position)
            node = scalar(text, isPlain: isPlain, event)
        case .sequenceStart:
            try enter(depth, event, tag: "seq")
            node = try sequence(at: event.position, depth: depth + 1)
        case .mappingStart:
            try enter(depth, event, tag: "map")
            node = try mapping(at: event.position, depth: depth + 1)
        case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
            throw Finding(position: event.position, message: "not YAML: a value is missing")
        }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func sequence(at position: Position, depth: Int) throws(Finding) -> Node {
        var items: [Node] = []
        var size = (weight: 1, height: 0)
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { break }
            let item = try node(event, depth: depth)
            size = (size.weight + item.weight, max(size.height, item.height))
            items.append(item)
        }
        return Node(
            position: position, content: .sequence(items), weight: size.weight,
            height: size.height + 1)
    }

    private mutating func mapping(at position: Position, depth: Int) throws(Finding) -> Node {
        var entries: [Node.Entry] = []
        var lines: [String: Int] = [:]
        var size = (weight: 1, height: 0)
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let keyNode = try node(event, depth: depth)
            let value = try node(try events.next(), depth: depth)
            size = (
                size.weight + keyNode.weight + value.weight,
                max(size.height, keyNode.height, value.height)
            )
            guard let key = key(of: keyNode, at: event.position) else { continue }
            if let line = lines[key] {
                let name = Spelling.quoted(key) ?? "key"
                findings.reportPlainly(
                    "duplicate \(name); it stands at line \(line) already", at: event.position)
                continue
            }
            lines[key] = event.position.line
            entries.append(Node.Entry(key: key, keyPosition: event.position, value: value))
            if depth == 1 && key == "name" { nameSoFar = value }
        }
        return Node(
            position: position, content: .mapping(entries), weight: size.weight,
            height: size.height + 1)
    }

    private mutating func key(of node: Node, at position: Position) -> String? {
        guard case .scalar(let scalar) = node.content else {
            findings.reportPlainly("a key must be a word, not \(node.kindName)", at: position)
            return nil
        }
        if scalar.text == "<<" {
            findings.reportPlainly(
                "merge keys (`<<`) are not part of YAML 1.2; write the fields out", at: position)
            return nil
        }
        guard scalar.text.unicodeScalars.count <= ReadingLimits.key else {
            findings.reportPlainly(
                "a key has at most \(ReadingLimits.key) characters", at: position)
            return nil
        }
        return scalar.text
    }

    private mutating func aliased(
        _ name: String, at position: Position, depth: Int
    ) throws(Finding) -> Node {
        guard let node = anchors[name] else {
            try count(1, at: position)
            findings.reportPlainly(
                "the alias has no anchor before it in this document", at: position)
            return Node(
                position: position, content: .scalar(Scalar(text: "", value: .refused)), weight: 1,
                height: 0)
        }
        try count(node.weight, at: position)
        guard depth + node.height <= ReadingLimits.depth else { throw tooDeep(position) }
        return node
    }

    private mutating func count(_ weight: Int, at position: Position) throws(Finding) {
        nodes += weight
        guard nodes <= ReadingLimits.nodes else {
            throw Finding(
                position: position,
                message: "more than \(ReadingLimits.nodes) values in one file, aliases counted "
                    + "as often as they are used")
        }
    }

    private mutating func enter(_ depth: Int, _ event: Event, tag: String) throws(Finding) {
        try count(1, at: event.position)
        guard depth < ReadingLimits.depth else { throw tooDeep(event.position) }
        if let given = event.tag, given != "!", given != CoreTag.prefix + tag {
            findings.reportPlainly(CoreTag.refusal, at: event.position)
        }
    }

    private func tooDeep(_ position: Position) -> Finding {
        Finding(
            position: position, message: "nested deeper than \(ReadingLimits.depth) levels")
    }

    private mutating func scalar(_ text: String, isPlain: Bool, _ event: Event) -> Node {
        var value = isPlain ? ScalarValue(plain: text) : .string
        if let tag = event.tag {
            if let tagged = CoreTag.value(of: text, tag: tag) {
                value = tagged
            } else {
                findings.reportPlainly(CoreTag.refusal, at: event.position)
                value = .refused
            }
        }
        if text.utf8.contains(0) {
            findings.reportPlainly("a value cannot hold a NUL character", at: event.position)
        }
        return Node(
            position: event.position, content: .scalar(Scalar(text: text, value: value)),
            weight: 1, height: 0)
    }
}
