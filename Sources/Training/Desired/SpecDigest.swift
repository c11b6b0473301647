/// The identity of what an attempt runs: equal digests never cause a relaunch.
///
/// Carries a version, since a later Holdfast may digest more fields; digests of unequal versions
/// are never compared, so that a new `reconcile` relaunches nothing by being new.
package struct SpecDigest: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    package static let version = "v1"

    /// The digest of the fields that cannot change under a living attempt.
    package init(of spec: RunSpec) {
        let fixed = FixedFields(spec)
        text = "\(SpecDigest.version):\(Digest(of: CanonicalJSON.encode(fixed)).hex)"
    }

    package init(text: String) {
        self.text = text
    }

    package var description: String { text }

    /// Nil when the versions differ: then nothing is known about a change.
    package func differs(from other: SpecDigest) -> Bool? {
        if text == other.text { return false }
        return version == other.version ? true : nil
    }

    private var version: Substring { text.prefix { $0 != ":" } }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What only a new attempt can take up.
///
/// Everything else in a `RunSpec` is live-tunable: the planner or the living agent takes it up at
/// once.
private struct FixedFields: Encodable {
    var market: Market
    var profile: String?
    var choices: [MachineChoice]?
    var diskSize: Int?
    var image: ImageReference?
    var secrets: [String: SecretReference]?
    var fileMounts: [FileMount]?
    var workdir: String?
    var setup: String?
    var run: String
    var resume: String?
    var resumeFrom: CheckpointReference?
    var generation: Int
    var envs: [String: String]
    var checkpointPath: String?
    var checkpointKind: CheckpointPolicy.Kind?
    var checkpointMembers: [String]?
    var checkpointLast: String?
    var checkpointIgnore: [String]?
    var checkpointFormat: CheckpointFormat?
    var checkpointStep: String?

    init(_ spec: RunSpec) {
        market = spec.market
        // Absent where nothing is declared, so that the digest of such a spec stays what it was.
        profile = spec.profile
        choices = spec.resources.choices.isEmpty ? nil : spec.resources.choices
        diskSize = spec.resources.diskSize
        image = spec.resources.image
        secrets = spec.secrets.isEmpty ? nil : spec.secrets
        fileMounts = spec.fileMounts.isEmpty ? nil : spec.fileMounts
        workdir = spec.workdir
        setup = spec.setup
        run = spec.run
        resume = spec.resume
        resumeFrom = spec.resumeFrom
        generation = spec.generation
        envs = spec.envs
        checkpointPath = spec.checkpoint?.path
        checkpointKind = spec.checkpoint?.kind
        checkpointMembers = spec.checkpoint?.members
        checkpointLast = spec.checkpoint?.last
        checkpointIgnore = spec.checkpoint?.ignore
        checkpointFormat = spec.checkpoint?.format
        checkpointStep = spec.checkpoint?.step
    }
}
