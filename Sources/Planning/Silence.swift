import Training

extension ObservedRun {
    /// Since when a claimed attempt has been silent; nil while it is heard.
    func silence(of attempt: Int, at now: Timestamp) -> Timestamp? {
        guard index?.claim?.attempt == attempt, let last = lastSign(of: attempt),
            now.since(last) > RunSituation.silenceLimit
        else { return nil }
        return last
    }

    /// The last sign of life of an attempt: its heartbeat, or its claim before the first one.
    private func lastSign(of attempt: Int) -> Timestamp? {
        let heartbeat = heartbeats[attempt]?.at
        guard let claim = index?.claim, claim.attempt == attempt else { return heartbeat }
        return heartbeat.map { max($0, claim.at) } ?? claim.at
    }
}

extension Observation {
    /// How many runs are silent at once, when that is more than can be believed: more than one,
    /// and more than 20 % of those that should be heard.
    var incredibleSilence: Int? {
        var audible = 0
        var silent = 0
        for record in runs.values {
            guard let attempt = record.ledger?.openNumber,
                record.index?.claim?.attempt == attempt
            else { continue }
            audible += 1
            if record.silence(of: attempt, at: at) != nil { silent += 1 }
        }
        return silent > max(1, audible / 5) ? silent : nil
    }
}
