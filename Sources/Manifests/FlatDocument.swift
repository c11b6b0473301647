package import Training

/// A small YAML file of one mapping from known keys to scalars, such as `holdfast.yaml`.
package struct FlatDocument: Sendable {
    /// One key with its value as it stands in the file.
    package struct Entry: Hashable, Sendable {
        package var key: String
        package var text: String
        package var location: SourceLocation
    }

    /// In the order of the file; only known keys with scalar values.
    package private(set) var entries: [Entry] = []
    /// All that is wrong, by position.
    package private(set) var diagnostics: [Diagnostic] = []

    private let file: String
    private let keys: [String]

    private init(file: String, keys: [String]) {
        self.file = file
        self.keys = keys
    }

    /// Reads the one document of `bytes`.
    ///
    /// Never fails: what is wrong becomes a diagnostic.
    package static func read(_ bytes: [UInt8], file: String, keys: [String]) -> FlatDocument {
        var flat = FlatDocument(file: file, keys: keys)
        if let refusal = SourceText.refusal(of: bytes) {
            flat.report(refusal)
            return flat
        }
        bytes.withUnsafeBufferPointer { all in
            // Told that the text is UTF-8, libyaml takes a byte order mark for text.
            flat.read(UnsafeBufferPointer(rebasing: all.dropFirst(SourceText.lengthOfMark(bytes))))
        }
        flat.diagnostics.sort { a, b in
            guard let a = a.location, let b = b.location else { return false }
            return a < b
        }
        return flat
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) {
        do throws(Finding) {
            var composer = NodeComposer(events: try EventStream(borrowing: bytes))
            var root: Node?
            while let next = try composer.nextDocument() {
                if root != nil {
                    report(Finding(position: next.position, message: "a second document"))
                }
                root = root ?? next
            }
            composer.findings.list.forEach { report($0) }
            if let root { read(root) }
        } catch {
            report(error)
        }
    }

    private mutating func read(_ root: Node) {
        guard !root.isNull else { return }
        guard case .mapping(let pairs) = root.content else {
            report(
                Finding(
                    position: root.position,
                    message: "a mapping of settings is expected, found \(root.kindName)"))
            return
        }
        for pair in pairs {
            guard keys.contains(pair.key) else {
                report(Finding(position: pair.keyPosition, message: unknown(pair.key)))
                continue
            }
            guard case .scalar(let scalar) = pair.value.content, !pair.value.isNull else {
                report(
                    Finding(
                        position: pair.value.position,
                        message: "\(pair.key): a value is expected, found \(pair.value.kindName)"))
                continue
            }
            entries.append(
                Entry(
                    key: pair.key, text: scalar.text, location: location(pair.value.position)))
        }
    }

    private func unknown(_ key: String) -> String {
        let name = Spelling.quoted(key).map { " \($0)" } ?? ""
        let hint = Spelling.nearest(to: key, among: keys).map { "; did you mean `\($0)`?" } ?? ""
        return "unknown key\(name)\(hint)"
    }

    private mutating func report(_ finding: Finding) {
        diagnostics.append(Diagnostic(at: location(finding.position), finding.message))
    }

    private func location(_ position: Position) -> SourceLocation {
        SourceLocation(file: file, line: position.line, column: position.column)
    }
}
