import Training

extension SimulatedEC2 {
    /// Where a client token means the same launch: a zone when the request names one, else the
    /// region.
    ///
    /// The same token in another zone launches again.
    struct TokenScope: Hashable, Sendable {
        var token: String
        var zone: String?
    }

    struct TokenRecord: Sendable {
        let request: RunInstances
        let instances: [InstanceID]
        /// When the last of its machines had ended.
        var endedAt: Timestamp?
    }

    /// The machines of an earlier launch with this token; nil when the token is new or forgotten.
    mutating func replay(
        _ request: RunInstances, in scope: TokenScope
    ) throws(CloudFailure) -> [SimulatedInstance]? {
        guard let record = tokens[scope] else { return nil }
        if let ended = record.endedAt,
            now.milliseconds - ended.milliseconds > rules.tokenMemory
        {
            tokens[scope] = nil
            return nil
        }
        var asked = request
        asked.dryRun = false
        guard asked == record.request else {
            throw CloudFailure(
                "IdempotentParameterMismatch",
                "The client token \(scope.token) was used with other parameters.")
        }
        let machines = record.instances.compactMap { instances[$0] }
        // Faded machines have ended too.
        let isOver = machines.count < record.instances.count || machines.allSatisfy(\.hasEnded)
        guard isOver && (rules.refusesEndedTokens || machines.isEmpty) else { return machines }
        throw CloudFailure(
            "IdempotentInstanceTerminated",
            "The instances of the client token \(scope.token) have been terminated.")
    }

    /// Notes the end of a token's machines: from then on it is remembered for a while only.
    mutating func noteEnd(of machine: SimulatedInstance) {
        guard let scope = tokenScope(of: machine.request) else { return }
        let others = tokens[scope]?.instances.compactMap { instances[$0] } ?? []
        if others.allSatisfy({ $0.state == .terminated }) { tokens[scope]?.endedAt = now }
    }

    func tokenScope(of request: RunInstances) -> TokenScope? {
        guard let token = request.clientToken else { return nil }
        let zone = request.subnetID.flatMap { id in
            place.subnets.first { $0.id == id }?.zone
        }
        return TokenScope(token: token, zone: zone ?? request.zone)
    }
}
