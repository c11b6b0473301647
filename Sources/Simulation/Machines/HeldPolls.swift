import Supervision
import Training

/// The agent's polls whose answers would say nothing new: each is held until it has something to
/// say, and given at the turn of its period at which that would have been seen.
///
/// The state machine keeps one poll of each kind under way, so a held one costs nothing.
struct HeldPolls: Sendable {
    /// Reads in a row without an answer that make the agent blind; more say nothing new.
    private static let patience = 3

    private struct Poll: Sendable {
        var since: Timestamp
        var period: Int
        /// When it is answered; nil: when it has something to say.
        var due: Timestamp?

        mutating func hasten(at now: Timestamp) {
            guard due == nil else { return }
            let period = Int64(max(1, period))
            let passed = max(0, now.milliseconds - since.milliseconds)
            let turns = (passed + period - 1) / period
            due = Timestamp(milliseconds: since.milliseconds + turns * period)
        }
    }

    /// Words that were written, and since when they are said again and again.
    struct Heartbeats: Hashable, Sendable {
        var heartbeat: Heartbeat
        var attempt: Int
        var since = Timestamp(milliseconds: 0)

        init(_ heartbeat: Heartbeat, _ attempt: Int) {
            self.heartbeat = heartbeat
            self.attempt = attempt
        }
    }

    /// The ledger may be another one than when it was read last.
    var hasLedgerNews = true
    /// The last heartbeat that was really written.
    var beat: Heartbeats?
    /// The same words are said again and again.
    var heartbeat: Heartbeats?
    /// The words that were said before others were to be written, and until when.
    private(set) var said: (words: Heartbeats, until: Timestamp)?

    private let pace: AgentConfiguration.Pace
    private var ledger: Poll?
    private var notice: Poll?
    private var protection: Poll?
    private var scan: (poll: Poll, policy: CheckpointPolicy)?
    private var givenNotice: Notice?
    private var unseen = 0
    private var givenProtection: Bool??
    /// The version of the disk at the last look, whether it could be read, and how often it was
    /// looked at.
    private var looked: (version: Int, isSeen: Bool, times: Int)?

    init(_ pace: AgentConfiguration.Pace) {
        self.pace = pace
    }

    // MARK: Polls that begin

    /// Whether the heartbeat is to be written; else it is one of many that say the same.
    mutating func begin(_ words: Heartbeat, attempt: Int, at now: Timestamp) -> Bool {
        guard var beat, beat.heartbeat == words, beat.attempt == attempt else { return true }
        beat.since = now
        heartbeat = beat
        return false
    }

    /// The words are not said again after `end`; whether there were any.
    mutating func endHeartbeat(at end: Timestamp) -> Bool {
        guard let words = heartbeat else { return false }
        said = (words, end)
        heartbeat = nil
        return true
    }

    mutating func beginLedger(at now: Timestamp) {
        ledger = Poll(since: now, period: pace.ledger)
    }

    mutating func beginNotice(at now: Timestamp) {
        notice = Poll(since: now, period: pace.metadata)
    }

    mutating func beginProtection(at now: Timestamp) {
        protection = Poll(since: now, period: pace.metadata)
    }

    /// In another stage the same word about its protection may mean another thing to the agent.
    mutating func stageChanged() {
        givenProtection = nil
    }

    mutating func beginScan(_ policy: CheckpointPolicy, at now: Timestamp) {
        scan = (Poll(since: now, period: min(1_000, pace.ledger)), policy)
    }

    // MARK: News

    mutating func mayHaveNews(
        _ senses: SimulatedMachine.Senses, _ disk: SimulatedDisk, at now: Timestamp
    ) {
        if hasLedgerNews { ledger?.hasten(at: now) }
        if notice != nil, hasNews(ofNotice: senses) { notice?.hasten(at: now) }
        if protection != nil, hasNews(ofProtection: senses) { protection?.hasten(at: now) }
        // A checkpoint is ready once two looks saw the same.
        if scan != nil, hasNews(of: disk, senses) { scan?.poll.hasten(at: now) }
    }

    private func hasNews(of disk: SimulatedDisk, _ senses: SimulatedMachine.Senses) -> Bool {
        guard let looked else { return true }
        return looked.version != disk.version || looked.isSeen != senses.seesCheckpoints
            || looked.times < 2
    }

    private func hasNews(ofNotice senses: SimulatedMachine.Senses) -> Bool {
        guard senses.seesMetadata else { return unseen < HeldPolls.patience }
        return unseen > 0 || senses.notice != givenNotice
    }

    /// A machine that may go asks until it is ready to.
    private func hasNews(ofProtection senses: SimulatedMachine.Senses) -> Bool {
        let shown = protection(senses)
        return shown == false || givenProtection != .some(shown)
    }

    private func protection(_ senses: SimulatedMachine.Senses) -> Bool? {
        senses.seesMetadata ? senses.isProtected : nil
    }

    // MARK: Answers

    var next: Timestamp? {
        [ledger?.due, notice?.due, protection?.due, scan?.poll.due].compactMap { $0 }.min()
    }

    /// The answer of a poll of the metadata service that is due.
    mutating func takeAnswer(
        dueAt now: Timestamp, _ senses: SimulatedMachine.Senses
    ) -> AgentEvent? {
        if HeldPolls.take(&notice, dueAt: now) {
            guard senses.seesMetadata else {
                unseen += 1
                return .notice(.unseen(.unavailable("no answer")))
            }
            unseen = 0
            givenNotice = senses.notice
            return .notice(senses.notice.map { .notice($0) } ?? .none)
        }
        if HeldPolls.take(&protection, dueAt: now) {
            givenProtection = .some(protection(senses))
            return .protection(protection(senses))
        }
        return nil
    }

    /// Whether the ledger is to be read now.
    mutating func takeLedger(dueAt now: Timestamp) -> Bool {
        guard HeldPolls.take(&ledger, dueAt: now) else { return false }
        hasLedgerNews = false
        return true
    }

    /// What is to be looked for on the disk now.
    mutating func takeScan(
        dueAt now: Timestamp, _ disk: SimulatedDisk, _ senses: SimulatedMachine.Senses
    ) -> CheckpointPolicy? {
        guard let (poll, policy) = scan, poll.due.map({ $0 <= now }) ?? false else { return nil }
        scan = nil
        let isSeen = senses.seesCheckpoints
        let isSame = looked?.version == disk.version && looked?.isSeen == isSeen
        looked = (disk.version, isSeen, isSame ? (looked?.times ?? 0) + 1 : 1)
        return policy
    }

    private static func take(_ poll: inout Poll?, dueAt now: Timestamp) -> Bool {
        guard let due = poll?.due, due <= now else { return false }
        poll = nil
        return true
    }
}
