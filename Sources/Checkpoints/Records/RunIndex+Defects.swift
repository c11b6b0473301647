package import Training

extension RunIndex: SwappedRecord {
    package func defect(at key: String) -> String? {
        if key != StoreLayout.index(run) { return "it names the run \(run)" }
        if !(0...greatestNumber).contains(serial) { return "serial is out of range" }
        if !(0...greatestNumber).contains(sealedThrough) { return "sealedThrough is out of range" }
        if let claim, !isClaim(claim) { return "claim is out of range" }
        if let head, !(1...greatestNumber).contains(head.attempt) { return "head is out of range" }
        return checkpointDefect ?? reportDefect
    }

    private func isClaim(_ claim: Claim) -> Bool {
        (1...greatestNumber).contains(claim.attempt)
            && (0...greatestNumber).contains(claim.ordinal)
            && [claim.instance.text, claim.boot, claim.nonce].allSatisfy { $0.utf8.count <= 200 }
    }

    private var checkpointDefect: String? {
        if checkpoints.count > RunIndex.checkpointLimit { return "too many checkpoints" }
        for (earlier, later) in zip(checkpoints, checkpoints.dropFirst())
        where earlier.id >= later.id {
            return "checkpoints are not sorted by id"
        }
        for checkpoint in checkpoints {
            if let parent = checkpoint.parent, parent >= checkpoint.id {
                return "\(checkpoint.id) is older than its parent"
            }
            if !CheckpointManifest.sizes.contains(checkpoint.size) {
                return "\(checkpoint.id): size is out of range"
            }
            if let step = checkpoint.step, step.magnitude > greatestNumber {
                return "\(checkpoint.id): step is out of range"
            }
            if checkpoint.generation.magnitude > greatestNumber {
                return "\(checkpoint.id): generation is out of range"
            }
            if checkpoint.quarantines.count > IndexText.quarantineLimit
                || checkpoint.quarantines.contains(where: {
                    $0.reason.utf8.count > IndexText.hostileLimit
                })
            {
                return "\(checkpoint.id): quarantines are out of bounds"
            }
        }
        return nil
    }

    private var reportDefect: String? {
        if reports.count > RunIndex.reportLimit { return "too many reports" }
        for (earlier, later) in zip(reports, reports.dropFirst())
        where earlier.attempt >= later.attempt {
            return "reports are not sorted by attempt"
        }
        for report in reports {
            let texts =
                report.lastLines
                + [report.detail, report.fallback, report.acknowledged]
                .compactMap { $0 }
            if !(1...greatestNumber).contains(report.attempt) || !isSpan(report.trained)
                || (report.step ?? 0).magnitude > greatestNumber
                || report.lastLines.count > IndexText.lineLimit
                || texts.contains(where: { $0.utf8.count > IndexText.hostileLimit })
            {
                return "the report of attempt \(report.attempt) is out of bounds"
            }
        }
        return nil
    }
}

/// The bounds of free text in an index: an agent clips to them, a reader refuses far more.
enum IndexText {
    static let lineLimit = 20
    /// Characters of one line.
    static let lineLength = 400
    /// Characters of a reason or a detail.
    static let detailLength = 1000
    /// UTF-8 bytes of any text: a character may have several scalars, but not any number.
    static let hostileLimit = 16_000
    static let quarantineLimit = 20

    /// The beginning of a text, within `length` characters and the bytes that a reader accepts.
    static func clip(_ text: String, to length: Int) -> String {
        var clipped = String(text.prefix(length))
        while clipped.utf8.count > hostileLimit { clipped = String(clipped.dropLast(50)) }
        return clipped
    }
}
