import Training
import Transport

@testable import AWS
@testable import Checkpoints
@testable import Processes
@testable import Supervision

extension FuzzTarget {
    /// What trainers and other programs write: logs with secrets in them, names of files and of
    /// processes, and evidence of completion.
    ///
    /// The first line is the secret, or the pattern; the rest is the text.
    static let logs = FuzzTarget("logs", longest: 512) { bytes in
        let (first, rest) = bytes.firstLineAndRest
        let secret = String(decoding: first, as: UTF8.self)
        try requireHidden(secret, in: rest)
        try requireRedacted(secret, in: String(decoding: rest, as: UTF8.self))
        let word = try? ShellWords.split(RunCommand.quoted(secret))
        try require(word == [secret], "a quoted path is not one word of a shell")
        try requireMatched(secret, String(decoding: rest, as: UTF8.self))
        let rule = CompletionRule.JSONEvidence(file: "state.json", field: secret, atLeast: 1)
        if let entry = ProcessEntry(stat: rest, pid: 1) {
            try require(entry.pid == 1, "another process")
        }
        if let defect = CompletionEvidence.defect(rule, in: rest) {
            try require(!defect.isEmpty, "no evidence, and no reason")
        }
    }

    /// Masked text holds no secret, also when it is shipped in pieces.
    private static func requireHidden(_ secret: String, in text: [UInt8]) throws {
        // A secret of stars could come about by being covered.
        guard secret.utf8.count >= 6, !secret.contains("*") else { return }
        let mask = SecretMask([secret])
        try require(!mask.masked(text).holds(secret), "a masked text holds the secret")
        var shipped: [UInt8] = []
        var left = text[...]
        while !left.isEmpty {
            var piece = Array(left.prefix(16 + secret.utf8.count))
            if piece.count < left.count { piece.removeLast(mask.pending(atEndOf: piece)) }
            try require(!piece.isEmpty, "a text that is never shipped")
            shipped += mask.masked(piece)
            left = left.dropFirst(piece.count)
        }
        try require(shipped == mask.masked(text), "a text is masked otherwise in pieces")
        for start in [text.count / 3, text.count / 2] {
            let from = max(0, start - mask.reach)
            let tail = mask.masked(Array(text[from...]), from: start - from)
            try require(!tail.holds(secret), "the end of a text holds the secret")
        }
    }

    /// Errors of other programs lose the secret and every name and password of an address.
    private static func requireRedacted(_ secret: String, in text: String) throws {
        guard secret.utf8.count >= 6, !secret.contains("*") else { return }
        let hidden = Redaction.apply(to: text, secrets: [secret])
        try require(!Array(hidden.utf8).holds(secret), "a redacted text holds the secret")
        let address = "fatal: https://user:\(secret.filter(\.isLetter))pass@example.com/"
        let shown = Redaction.apply(to: text + address, secrets: [])
        try require(!Array(shown.utf8).holds("pass@example.com"), "an address with its password")
    }

    /// Patterns match in bounded time, and a name without wildcards matches itself.
    private static func requireMatched(_ pattern: String, _ path: String) throws {
        let name = NamePattern(pattern)
        if let literal = name.literal {
            try require(name.matches(literal), "a name does not match itself")
        }
        _ = PathPattern(pattern)?.matches(path)
    }
}
