/// The identity of a committed checkpoint within its run: the attempt that wrote it and that
/// attempt's own sequence.
///
/// Ordered by both, never by a time or a number in a file's name.
///
/// Written `0002-00000003`, as in the store's layout.
package struct CheckpointID: Hashable, Comparable, Sendable {
    package let attempt: Int
    package let sequence: Int

    package init(attempt: Int, sequence: Int) {
        self.attempt = attempt
        self.sequence = sequence
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count >= 4, parts[1].utf8.count >= 8,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let attempt = Int(parts[0]), let sequence = Int(parts[1]), attempt > 0, sequence > 0
        else { return nil }
        self.init(attempt: attempt, sequence: sequence)
        guard description == text else { return nil }
    }

    package static func < (a: CheckpointID, b: CheckpointID) -> Bool {
        (a.attempt, a.sequence) < (b.attempt, b.sequence)
    }
}

extension CheckpointID: TextCoded {
    package static let textForm = "a checkpoint such as 0001-00000001"

    package var description: String {
        padded(attempt, to: 4) + "-" + padded(sequence, to: 8)
    }

    private func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A checkpoint of this or another run, as `resume_from` names it: `0002-00000003` or
/// `other-run/0002-00000003`.
package struct CheckpointReference: Hashable, Sendable, TextCoded {
    package static let textForm = "a checkpoint, or RUN/CHECKPOINT"

    /// Nil: the run that names it.
    package var run: RunName?
    package var checkpoint: CheckpointID

    package init(run: RunName? = nil, checkpoint: CheckpointID) {
        self.run = run
        self.checkpoint = checkpoint
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let id = CheckpointID(parts[parts.count - 1])
        else { return nil }
        checkpoint = id
        if parts.count == 2 {
            guard let name = RunName(parts[0]) else { return nil }
            run = name
        }
    }

    package var description: String {
        run.map { "\($0)/\(checkpoint)" } ?? "\(checkpoint)"
    }
}
