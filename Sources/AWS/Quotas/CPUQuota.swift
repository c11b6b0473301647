package import Training

/// A limit on the CPUs of a class of machines that run at once on a market.
///
/// Codes and names as the console of Service Quotas shows them for EC2; from memory, and not yet
/// compared with an account.
package struct CPUQuota: Hashable, Sendable {
    package var code: String
    /// As AWS names it, for whoever asks for more.
    package var name: String

    /// The quota that machines of a type count against; nil for families that are not in the table.
    package init?(instanceType: String, market: Market) {
        let family = instanceType.prefix { $0 != "." }
        guard let row = CPUQuota.table.first(where: { $0.holds(family) }),
            let quota = market == .spot ? row.spot : row.onDemand
        else { return nil }
        self = quota
    }

    private struct Row {
        /// What family names begin with before their first digit.
        var letters: Set<Substring>
        var families: Set<Substring> = []
        var onDemand: CPUQuota?
        var spot: CPUQuota?

        func holds(_ family: Substring) -> Bool {
            families.contains(family) || letters.contains(family.prefix { $0.isLetter })
        }
    }

    /// The first row that fits.
    private static let table = [
        Row(
            letters: [], families: ["p2", "p3", "p3dn", "p4d", "p4de"], onDemand: onDemandP,
            spot: CPUQuota("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests")),
        Row(
            letters: [], families: ["p5", "p5e", "p5en"], onDemand: onDemandP,
            spot: CPUQuota("L-C4BD4855", "All P5 Spot Instance Requests")),
        Row(letters: ["p"], onDemand: onDemandP),
        Row(
            letters: ["g", "gr", "vt"],
            onDemand: CPUQuota("L-DB2E81BA", "Running On-Demand G and VT instances"),
            spot: CPUQuota("L-3819A6DF", "All G and VT Spot Instance Requests")),
        Row(
            letters: ["inf"],
            onDemand: CPUQuota("L-1945791B", "Running On-Demand Inf instances"),
            spot: CPUQuota("L-B5D1601B", "All Inf Spot Instance Requests")),
        Row(
            letters: ["trn"],
            onDemand: CPUQuota("L-2C3B7624", "Running On-Demand Trn instances"),
            spot: CPUQuota("L-6B0D517C", "All Trn Spot Instance Requests")),
        Row(
            letters: ["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"],
            onDemand: CPUQuota(
                "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
            spot: CPUQuota(
                "L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests")),
    ]

    private static let onDemandP = CPUQuota("L-417A185B", "Running On-Demand P instances")

    private init(_ code: String, _ name: String) {
        self.code = code
        self.name = name
    }
}
