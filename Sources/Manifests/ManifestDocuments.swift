import Training

/// What one manifest file declares, whatever its path: a blob is read once and merged with the
/// others as often as it is wanted.
package struct ManifestDocuments: Sendable {
    /// A value with the place that names it.
    struct Declared<Value: Sendable>: Sendable {
        var value: Value
        var position: Position
        /// Where those fields stand that other documents or the provider may contradict.
        var places: [String: Position] = [:]
    }

    private(set) var runs: [Declared<RunSpec>] = []
    private(set) var policies: [Declared<ScopePolicy>] = []
    private(set) var profiles: [Declared<Profile>] = []
    /// Names of trainings that were refused, as far as they can be read.
    private(set) var brokenNames: [Declared<RunName>] = []
    /// Names of profiles that were refused.
    private(set) var brokenProfiles: [Declared<String>] = []
    /// A policy was refused, or may stand in a part that cannot be read.
    private(set) var hidesPolicy = false
    /// Everything that is wrong, by position.
    private(set) var findings: [Finding] = []

    /// Reads every document of a file.
    ///
    /// Never fails: what is wrong becomes a finding, at most 100 and a count of the rest.
    package static func parse(_ bytes: [UInt8]) -> ManifestDocuments {
        var documents = ManifestDocuments()
        var list: [Finding] = []
        if let refusal = SourceText.refusal(of: bytes) {
            list = [refusal]
            documents.hidesPolicy = mentionsPolicy(bytes)
        } else {
            list = documents.read(bytes)
        }
        list.sort { ($0.position, $0.message) < ($1.position, $1.message) }
        let surplus = list.count - ReadingLimits.findings
        if surplus > 0 {
            let next = list[ReadingLimits.findings].position
            list.removeLast(surplus)
            list.append(
                Finding(position: next, message: "\(surplus) more errors in this file"))
        }
        documents.findings = list
        return documents
    }

    private mutating func read(_ bytes: [UInt8]) -> [Finding] {
        bytes.withUnsafeBufferPointer { all in
            // Told that the text is UTF-8, libyaml takes a byte order mark for text.
            let buffer = UnsafeBufferPointer(
                rebasing: all.dropFirst(SourceText.lengthOfMark(bytes)))
            let stream: EventStream
            do throws(Finding) {
                stream = try EventStream(borrowing: buffer)
            } catch {
                hidesPolicy = true
                return [error]
            }
            var composer = NodeComposer(events: stream)
            do throws(Finding) {
                var before = 0
                while let root = try composer.nextDocument() {
                    // A document with a duplicate key or a refused tag is read on, so that all its
                    // errors show at once, but never used.
                    let isSound = composer.findings.count == before
                    decode(root, isSound: isSound, &composer.findings)
                    before = composer.findings.count
                }
                return composer.findings.list
            } catch {
                noteBroken(composer.nameSoFar)
                hidesPolicy = hidesPolicy || ManifestDocuments.mentionsPolicy(bytes)
                return composer.findings.list + [error]
            }
        }
    }

    private mutating func decode(_ root: Node, isSound: Bool, _ findings: inout Findings) {
        guard !root.isNull else { return }
        guard case .mapping = root.content else {
            findings.report(
                "a document is a mapping of fields, found \(root.kindName)", at: root.position)
            return
        }
        switch ManifestKind(of: root, &findings) {
        case .training:
            let spec = TrainingFields.table.read(root, &findings)
            if let spec, isSound {
                let position = root["name"]?.position ?? root.position
                runs.append(
                    Declared(
                        value: spec, position: position,
                        places: ManifestDocuments.places(in: root)))
            } else {
                noteBroken(root["name"])
            }
        case .policy:
            let policy = PolicyFields.table.read(root, &findings)
            if let policy, isSound {
                policies.append(Declared(value: policy, position: root.position))
            } else {
                hidesPolicy = true
            }
        case .profile:
            let position = root["name"]?.position ?? root.position
            let profile = ProfileFields.table.read(root, &findings)
            if let profile, isSound {
                profiles.append(Declared(value: profile, position: position))
            } else if let name = root["name"]?.string {
                brokenProfiles.append(Declared(value: name, position: position))
            }
        case nil:
            noteBroken(root["name"])
            // Of a kind that is misspelt it is not known what it was to be.
            hidesPolicy = hidesPolicy || root["name"] == nil
        }
    }

    private static func places(in root: Node) -> [String: Position] {
        guard case .mapping(let entries) = root.content else { return [:] }
        return entries.reduce(into: [:]) { places, entry in
            switch entry.key {
            case "profile", "resources": places[entry.key] = entry.value.position
            case "secrets", "file_mounts": places[entry.key] = entry.keyPosition
            default: break
            }
        }
    }

    private mutating func noteBroken(_ node: Node?) {
        guard let node, let name = node.string.flatMap(RunName.init) else { return }
        brokenNames.append(Declared(value: name, position: node.position))
    }

    /// Whether unreadable bytes could hold `kind: policy`.
    ///
    /// A file without the word cannot, so that one broken training does not throw the scope in
    /// doubt.
    private static func mentionsPolicy(_ bytes: [UInt8]) -> Bool {
        let word = Array("policy".utf8)
        return bytes.indices.contains {
            bytes[$0] == word[0] && bytes[$0...].starts(with: word)
        }
    }
}
