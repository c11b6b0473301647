/// One thing that `reconcile doctor` looked at, and what it means.
struct DoctorFinding: Hashable, Encodable, Sendable {
    /// What was looked at; a stable code, for machines.
    enum Check: String, Encodable, Sendable {
        case credentials = "Credentials"
        case clock = "Clock"
        case region = "Region"
        case bucket = "Bucket"
        case manifests = "Manifests"
        case placement = "Placement"
        case launch = "Launch"
        case terminate = "Terminate"
        case spotRole = "SpotRole"
        case quota = "Quota"
        case price = "Price"
        case agent = "Agent"
    }

    enum Verdict: String, Encodable, Sendable {
        case ok
        case warning
        /// A run would stop here.
        case problem
        /// It could not be asked: neither good nor bad.
        case unchecked
    }

    var check: Check
    var verdict: Verdict
    var detail: String
    /// What a person can do.
    var advice: String?

    init(_ check: Check, _ verdict: Verdict, _ detail: String, advice: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }
}

/// Why a question has no answer.
struct Unanswered: Error, Hashable, Sendable {
    var detail: String

    init(_ detail: String) {
        self.detail = detail
    }

    /// A question takes no longer, whatever AWS and the network do.
    static let limit = Duration.seconds(40)

    /// The answer to a question, within the limit; what is still under way then is cancelled.
    static func bounded<Value: Sendable>(
        _ question: @escaping @Sendable () async -> Result<Value, Unanswered>
    ) async -> Result<Value, Unanswered> {
        await withTaskGroup { group in
            group.addTask { await question() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(Unanswered("no answer within \(limit.components.seconds) s"))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(Unanswered("not asked"))
        }
    }
}
