import Testing
import Training

/// Where a workshop's machines and objects really are, seen past `reconcile`.
protocol Ground: Sendable {
    /// What tells `reconcile` where its machines are.
    var flags: [String] { get }
    /// For every program.
    var environment: [String: String] { get }
    /// In the arguments, the environment or the place of every process of its machines.
    var mark: String { get }
    /// How much longer than on the embedded provider a test may have to wait.
    var slowness: Int { get }
    /// What the repository begins with besides the trainers.
    var manifests: [String: String] { get }
    /// What every training must say here.
    var lines: [String] { get }

    /// Every machine that was ever launched and is still known.
    func machines() throws -> [Workshop.Machine]
    func object(_ key: String) throws -> [UInt8]?
    func write(_ bytes: [UInt8], to key: String) throws
    /// Sorted.
    func keys(below prefix: String) throws -> [String]
    /// As the provider takes a machine away; nil: without a notice.
    func interrupt(_ machine: Workshop.Machine, notice: Int?) throws
    func setTag(_ key: String, _ value: String, of machine: Workshop.Machine) throws
    /// Where the agent of a machine works.
    func disk(of machine: Workshop.Machine) -> String
    /// Ends every machine at once.
    func end() async throws
}

/// On which ground a test runs.
enum GroundKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case local
    case cloud
    /// As `cloud`, but machines run nothing: for tests of `reconcile` alone.
    case dormant

    static let allCases: [GroundKind] = [.local, .cloud]

    var testDescription: String { rawValue }
}
