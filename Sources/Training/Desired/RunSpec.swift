/// One training as its manifest declares it, with every default filled in.
///
/// Stored whole as `specs/<run>/<digest>.json`; an attempt runs exactly one of these.
package struct RunSpec: Hashable, Sendable, Codable {
    package var name: RunName
    package var state: DesiredState
    package var labels: [String: String]
    package var market: Market
    /// Where and how on EC2; not needed with the embedded provider.
    package var profile: String?
    package var resources: Resources
    /// A folder of the repository at the reconciled commit; nil when the run brings no source.
    package var workdir: String?
    package var setup: String?
    /// The command of the first start.
    package var run: String
    /// The command when a valid checkpoint exists, with `{checkpoint}` for its absolute path.
    ///
    /// Nil: `run` again, with the checkpoint's files back at their own paths.
    package var resume: String?
    package var resumeFrom: CheckpointReference?
    package var generation: Int
    /// Nil: `relaunch` for a change of the spec, `next-attempt` for one of the code only.
    package var onChange: ChangePolicy?
    package var envs: [String: String]
    /// By environment variable.
    package var secrets: [String: SecretReference]
    /// Fetched before setup; sorted by path.
    package var fileMounts: [FileMount]
    /// Nil: the run saves nothing, every attempt starts afresh.
    package var checkpoint: CheckpointPolicy?
    package var stop: StopPolicy
    package var interruption: InterruptionPolicy
    package var completion: CompletionRule
    package var onCompletion: EndPolicy
    package var onFailure: FailurePolicy
    package var retries: RetryPolicy
    /// Training time over all attempts; nil is unlimited.
    package var maxDuration: Seconds?
    package var suspend: Suspension?
    package var onRemoval: EndPolicy.Removal

    package init(
        name: RunName, state: DesiredState = .running, labels: [String: String] = [:],
        market: Market = .onDemand, profile: String? = nil, resources: Resources = Resources(),
        workdir: String? = nil, setup: String? = nil, run: String,
        resume: String? = nil, resumeFrom: CheckpointReference? = nil, generation: Int = 1,
        onChange: ChangePolicy? = nil, envs: [String: String] = [:],
        secrets: [String: SecretReference] = [:], fileMounts: [FileMount] = [],
        checkpoint: CheckpointPolicy? = nil, stop: StopPolicy = StopPolicy(),
        interruption: InterruptionPolicy = .resume,
        completion: CompletionRule = CompletionRule(), onCompletion: EndPolicy = .terminate,
        onFailure: FailurePolicy = .terminate, retries: RetryPolicy = RetryPolicy(),
        maxDuration: Seconds? = nil,
        suspend: Suspension? = nil, onRemoval: EndPolicy.Removal = .terminate
    ) {
        self.name = name
        self.state = state
        self.labels = labels
        self.market = market
        self.profile = profile
        self.resources = resources
        self.workdir = workdir
        self.setup = setup
        self.run = run
        self.resume = resume
        self.resumeFrom = resumeFrom
        self.generation = generation
        self.onChange = onChange
        self.envs = envs
        self.secrets = secrets
        self.fileMounts = fileMounts.sorted { $0.path < $1.path }
        self.checkpoint = checkpoint
        self.stop = stop
        self.interruption = interruption
        self.completion = completion
        self.onCompletion = onCompletion
        self.onFailure = onFailure
        self.retries = retries
        self.maxDuration = maxDuration
        self.suspend = suspend
        self.onRemoval = onRemoval
    }
}
