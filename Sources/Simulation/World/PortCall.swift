/// What a process asks of the world, as far as faults and traces tell calls apart.
package enum PortCall: Hashable, Sendable {
    case store(StoreVerb)
    case compute(ComputeVerb, region: String)
    case source

    package enum StoreVerb: UInt8, Hashable, Sendable, Codable, CaseIterable {
        case get, head, put, delete, list, time, upload, download
    }

    package enum ComputeVerb: UInt8, Hashable, Sendable, Codable, CaseIterable {
        case describe, look, launch, start, stop, terminate, tag, console, placement
    }

    /// The service that it goes to: what a partition separates a process from.
    package var service: Service {
        switch self {
        case .store: .store
        case .compute(_, let region): .compute(region: region)
        case .source: .source
        }
    }

    package enum Service: Hashable, Sendable, Codable {
        case store
        case compute(region: String)
        case source
    }

    /// What kind of call it is, wherever it goes.
    package enum Kind: Hashable, Sendable, Codable {
        case store(StoreVerb)
        case compute(ComputeVerb)
        case source

        package static let all: [Kind] =
            StoreVerb.allCases.map { .store($0) } + ComputeVerb.allCases.map { .compute($0) }
            + [.source]

        /// For tables.
        package var name: String {
            switch self {
            case .store(let verb): "store \(verb)"
            case .compute(let verb): "compute \(verb)"
            case .source: "source fetch"
            }
        }
    }

    var kind: Kind {
        switch self {
        case .store(let verb): .store(verb)
        case .compute(let verb, _): .compute(verb)
        case .source: .source
        }
    }

    /// For trace hashes.
    var code: UInt64 {
        switch self {
        case .store(let verb): 0x100 + UInt64(verb.rawValue)
        case .compute(let verb, _): 0x200 + UInt64(verb.rawValue)
        case .source: 0x300
        }
    }
}

/// How a call of a live process went through the network.
enum Delivery: UInt8, Hashable, Sendable {
    /// It took effect and was answered.
    case answered
    /// It took effect; the answer never came.
    case unanswered
    /// It never arrived.
    case lost
    /// It takes effect though its sender is dead.
    case orphaned
    /// Its sender died before it left.
    case dropped
}

/// A call that is on its way.
struct PendingCall: Sendable {
    var caller: ProcessID
    var call: PortCall
    /// Whether the sender was told already, since it died.
    var isOrphan = false
    /// Whether it reaches its service.
    var arrives = true
    /// Whether the answer is to be lost.
    var losesReply = false
    /// Whether the sender dies as soon as it takes effect.
    var killsSender = false
    /// Performs what the delivery says, and gives what resumes the sender.
    ///
    /// An orphan's sender was resumed when it died: for it there is nothing to resume.
    var deliver: @Sendable (inout WorldState, Delivery) -> @Sendable () -> Void
}
