package import Training

/// The ways between the processes of a world and the services that they call.
package struct Network: Hashable, Sendable {
    /// Who is cut off from what.
    package struct Cut: Hashable, Sendable {
        package enum Side: Hashable, Sendable {
            case everybody
            case reconciler(Int)
            case machine(InstanceID)
        }

        package var side: Side
        /// Nil: from every service.
        package var service: PortCall.Service?

        package init(_ side: Side, from service: PortCall.Service?) {
            self.side = side
            self.service = service
        }

        func covers(_ call: PortCall, from caller: ProcessID) -> Bool {
            if let service, service != call.service { return false }
            switch (side, caller) {
            case (.everybody, _): return true
            case (.reconciler(let a), .reconciler(let b, _)): return a == b
            case (.machine(let a), .agent(let b, _)): return a == b
            default: return false
            }
        }
    }

    /// How a call fares.
    struct Way: Sendable {
        /// Milliseconds until it takes effect or is given up.
        var span: Int64
        var arrives = true
        var losesReply = false
    }

    /// The usual latency of a call, in milliseconds.
    static let usual: ClosedRange<Int64> = 10...120
    /// How long a call without an answer is waited for.
    static let patience: ClosedRange<Int64> = 1_000...30_000

    /// By the number of the fault that made it.
    package var cuts: [Int: Cut] = [:]
    /// The chances that a call is lost on its way there, or its answer on its way back.
    package var requestLoss = 0.0
    package var replyLoss = 0.0
    /// What a slow call takes, and how many calls are slow.
    package var slowness: ClosedRange<Int64> = 1_000...20_000
    package var slowShare = 0.0

    /// Whether a call would arrive, but for chance.
    func isOpen(_ call: PortCall, from caller: ProcessID) -> Bool {
        cuts.isEmpty || !cuts.values.contains { $0.covers(call, from: caller) }
    }

    func way(
        of call: PortCall, from caller: ProcessID, using generator: inout SplitMix64
    ) -> Way {
        guard isOpen(call, from: caller) else {
            return Way(span: generator.span(Network.patience), arrives: false)
        }
        if generator.chance(requestLoss) {
            return Way(span: generator.span(Network.patience), arrives: false)
        }
        var way = Way(span: generator.span(Network.usual))
        if generator.chance(slowShare) { way.span = generator.span(slowness) }
        way.losesReply = generator.chance(replyLoss)
        return way
    }
}
