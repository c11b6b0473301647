extension SimulatedEC2.Quota {
    /// By the codes of Service Quotas; spot has one for P5 and one for all other P.
    private static let codes: [String: SimulatedEC2.Quota] = [
        "L-1216C47A": .init(.onDemand, .standard), "L-34B43A08": .init(.spot, .standard),
        "L-DB2E81BA": .init(.onDemand, .graphics), "L-3819A6DF": .init(.spot, .graphics),
        "L-417A185B": .init(.onDemand, .accelerated), "L-7212CCBC": .init(.spot, .accelerated),
        "L-C4BD4855": .init(.spot, .accelerated),
        "L-1945791B": .init(.onDemand, .inferentia), "L-B5D1601B": .init(.spot, .inferentia),
        "L-2C3B7624": .init(.onDemand, .trainium), "L-6B0D517C": .init(.spot, .trainium),
    ]

    init?(code: String) {
        guard let quota = Self.codes[code] else { return nil }
        self = quota
    }
}

extension SimulatedCloud {
    /// What is shown where the rules of a region set no limit, in vCPUs.
    static let generousQuota = 10_000

    /// How many vCPUs of a quota may run at once in a region; `service` and `code` as Service
    /// Quotas names them.
    package func serviceQuota(
        _ code: String, of service: String, in region: String
    ) throws(CloudFailure) -> Int {
        guard service == "ec2", let quota = SimulatedEC2.Quota(code: code) else {
            throw CloudFailure(
                "NoSuchResourceException",
                "The request failed because the specified service or quota does not exist.")
        }
        return self[ec2: region].rules.quotas[quota] ?? Self.generousQuota
    }
}
