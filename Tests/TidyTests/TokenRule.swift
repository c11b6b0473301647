/// A name that some targets must not use, and why.
struct TokenRule {
    /// One word, or words with `.` and a final `(`: `Date(`, `.random(`, `try!`.
    let token: String
    let why: String
    /// A line with this beside the token is right.
    var unless: String?
    /// Which files it holds for.
    let covers: @Sendable (SourceFile) -> Bool

    /// The rooms that decide: same input, same answer, in production and in the simulator.
    static let pureTargets: Set<String> = ["Training", "Planning", "Simulation"]
    /// The folders that hold state machines in rooms that are not pure as a whole.
    static let statePlaces = ["StateMachine", "State/"]
    /// The file of a pure room that turns a moment into text and back.
    static let edges: Set<String> = ["Sources/Training/Timestamp.swift"]
    /// Where text for people leaves the program.
    static let outputFiles: Set<String> = [
        "Sources/reconcile/Views/Output.swift", "Sources/reconcile-agent/MachineLog.swift",
    ]

    static let holdfast: [TokenRule] = clocks + purity + crashes + notes

    private static let clocks: [TokenRule] = [
        "Date(", "Date.now", "ContinuousClock", "SuspendingClock", "= .now", "(.now",
        "clock_gettime", "gettimeofday", "time(",
    ].map { token in
        TokenRule(token: token, why: "time is a parameter here; only an edge reads a clock") {
            isPure($0) && !edges.contains($0.path)
        }
    }

    private static let purity: [TokenRule] =
        [".random(", "SystemRandomNumberGenerator", "UUID("].map { token in
            TokenRule(
                token: token, why: "a generator is a parameter here", unless: "using: &",
                covers: isPure)
        }
        + [
            // A type may say what is hashed of it, for sets and dictionaries.
            TokenRule(
                token: "Hasher", why: "its seed differs in each process: use SHA-256",
                unless: "func hash(into hasher: inout Hasher)"
            ) {
                !$0.isTest
            },
            TokenRule(token: "hashValue", why: "it differs in each process: use SHA-256") {
                !$0.isTest
            },
        ]

    private static let crashes: [TokenRule] =
        ["try!", "fatalError(", "as!", "unowned(unsafe)", "nonisolated(unsafe)"].map { token in
            TokenRule(token: token, why: "bad input must become an error, not a crash") {
                !$0.isTest
            }
        }
        + ["print(", "debugPrint(", "dump("].map { token in
            TokenRule(token: token, why: "only the output file of an executable writes text") {
                !$0.isTest && !outputFiles.contains($0.path)
            }
        }

    private static let notes: [TokenRule] = ["TO" + "DO", "FIX" + "ME", "XX" + "X"].map { token in
        TokenRule(token: token, why: "do it now or write an issue") { _ in true }
    }

    private static func isPure(_ file: SourceFile) -> Bool {
        guard !file.isTest else { return false }
        return pureTargets.contains(file.target)
            || statePlaces.contains { file.path.contains($0) }
    }

    func violations(in files: [SourceFile]) -> [String] {
        files.filter(covers).flatMap { file -> [String] in
            // Notes hide in comments; everything else is looked for in code only.
            let text = token.allSatisfy(\.isUppercase) ? file.text : file.code
            // Most files do not have it at all; the look at each line is slow in a debug build.
            guard text.contains(token) else { return [] }
            return SourceFile.lines(text).filter { isWrong($0.text) }.map {
                "\(file.path):\($0.number): \(token): \(why)"
            }
        }
    }

    private func isWrong(_ line: Substring) -> Bool {
        if let unless, line.contains(unless) { return false }
        return contains(line)
    }

    /// The token stands by itself: `print(` is not found in `fingerprint(`.
    private func contains(_ line: Substring) -> Bool {
        let bytes = Array(line.utf8)
        let wanted = Array(token.utf8)
        guard bytes.count >= wanted.count, let first = wanted.first, let last = wanted.last else {
            return false
        }
        return (0...(bytes.count - wanted.count)).contains { start in
            let end = start + wanted.count
            guard bytes[start..<end].elementsEqual(wanted) else { return false }
            let joinsBefore = first.isWordByte && start > 0 && continuesName(bytes[start - 1])
            let joinsAfter = last.isWordByte && end < bytes.count && bytes[end].isWordByte
            return !joinsBefore && !joinsAfter
        }
    }

    /// A member of something else, `.time(`, is not the global name.
    private func continuesName(_ byte: UInt8) -> Bool {
        byte.isWordByte || byte == UInt8(ascii: ".")
    }
}
