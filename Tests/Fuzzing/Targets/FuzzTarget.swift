/// One reader of bytes from outside, with what must hold of it whatever the bytes are.
struct FuzzTarget: Sendable {
    /// Also the folder of its inputs in `Corpus`.
    let name: String
    /// Inputs are not made longer than this (bytes).
    let longest: Int
    /// Folders below `Tests` whose files are inputs, too.
    let samples: [String]
    /// Returns for every input, whatever it holds; throws when a property is broken.
    let check: @Sendable (_ input: [UInt8]) throws -> Void

    init(
        _ name: String, longest: Int, samples: [String] = [],
        check: @escaping @Sendable (_ input: [UInt8]) throws -> Void
    ) {
        self.name = name
        self.longest = longest
        self.samples = samples
        self.check = check
    }

    static let all = [
        manifests, settings, ec2, s3, records, metadata, git, words, logs, checkpoints,
    ]
}

/// Something that does not hold of a reader.
struct BrokenProperty: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Throws unless the condition holds.
func require(_ condition: Bool, _ property: @autoclosure () -> String) throws {
    if !condition { throw BrokenProperty(property()) }
}

extension [UInt8] {
    /// The greatest number of the last line that any reader may speak of: YAML breaks lines at
    /// more characters than others do, and speaks of the end as a line of its own.
    var lineCount: Int { count { [10, 13, 0x85, 0xA8, 0xA9].contains($0) } + 2 }

    /// Whether a text's bytes stand in these.
    func holds(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return indices.contains { self[$0...].starts(with: wanted) }
    }

    /// What stands before the first line feed, and what stands after it.
    var firstLineAndRest: (first: [UInt8], rest: [UInt8]) {
        let end = firstIndex(of: 10) ?? endIndex
        return (Array(self[..<end]), Array(self[end...].dropFirst()))
    }
}
