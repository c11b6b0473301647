package import Training

/// Something that goes wrong.
package struct Fault: Hashable, Sendable, Codable {
    package var at: Seconds
    /// How long it lasts, or until what it ended is started again; none: it is a moment's matter.
    package var span: Seconds
    package var kind: Kind

    package init(at moment: Seconds, for span: Seconds = 0, _ kind: Kind) {
        at = moment
        self.span = span
        self.kind = kind
    }

    /// The same fault, over at `end` at the latest.
    package func ended(by end: Seconds) -> Fault {
        Fault(at: at, for: min(span, max(0, end - at)), kind)
    }

    /// A program of ours: a reconciler by its number from 1, or the agent on the machine that is
    /// the newest of a run when the fault strikes.
    package enum Program: Hashable, Sendable, Codable {
        case reconciler(Int)
        case agent(RunName)
    }

    package enum Kind: Hashable, Sendable, Codable {
        // Programs
        /// It dies at its `call`-th call from then, before or after the effect of that call. With
        /// `of` only calls of this kind count.
        case crash(Program, call: Int, of: PortCall.Kind? = nil, isAfterEffect: Bool)
        /// Nothing of it runs, as after SIGSTOP; then it goes on as if nothing had been.
        case freeze(Program)
        /// Its clock is ahead by this many milliseconds; behind where negative.
        case drift(Program, by: Int64)
        // Ways
        /// Cut off from a service, or from every one. No program: everybody is.
        case cut(Program?, from: PortCall.Service?)
        case loss(requests: Double, replies: Double)
        case slowness(share: Double)
        // Services
        /// The bucket is not there for a while.
        case bucketGone
        /// Other tools of the account use up every request.
        case throttle(region: String)
        /// No pool of the region has room.
        case drought(region: String)
        /// Spot costs this many times as much.
        case spike(region: String, factor: Double)
        /// New machines take very long to come up.
        case slowBoot(region: String)
        /// New machines of the region never come up.
        case failedBoot(region: String)
        /// EC2 refuses what the account's programs ask of it there.
        case denied(region: String, Denial)
        /// Others have taken the addresses of every subnet, but for so many in each.
        case fullSubnets(region: String, left: Int)
        // Machines: the newest of a run
        /// Nil: without any notice; else milliseconds.
        case interrupt(RunName, notice: Int64?)
        case rebalance(RunName)
        case maintenance(RunName)
        // All machines of a run, while it lasts
        /// Their agents cannot read their metadata.
        case blind(RunName)
        /// Their agents cannot read the folder of its checkpoints.
        case unsaved(RunName)
        /// Nothing more fits on their disks.
        case fullDisk(RunName)
        /// The host dies.
        case powerCut(RunName)
        /// A person at the console.
        case console(RunName, Act)
        // Objects
        /// Stored bytes of the run's newest checkpoint change by themselves.
        case rot(RunName)
        /// Somebody puts more in the place of the run's index than anybody reads, and back in the
        /// end.
        case bloat(RunName)
    }

    /// Which calls are refused.
    package enum Denial: String, Hashable, Sendable, Codable, CaseIterable {
        /// All: the credentials are not valid any more.
        case credentials
        /// Launches: a policy of the organisation forbids them.
        case launches
    }

    /// What a person does to a machine behind the back of every program.
    package enum Act: String, Hashable, Sendable, Codable, CaseIterable {
        case stop
        case start
        case terminate
        case protect
        case unprotect
        /// Takes the tag away that makes it ours.
        case untag
        /// Launches another machine with the same tags.
        case copy
    }
}

extension Fault.Kind {
    /// For tables.
    package var name: String {
        switch self {
        case .crash(.reconciler, _, _, _): "crash of a reconciler"
        case .crash(.agent, _, _, _): "crash of an agent"
        case .freeze(.reconciler): "freeze of a reconciler"
        case .freeze(.agent): "freeze of an agent"
        case .drift(.reconciler, _): "clock of a reconciler"
        case .drift(.agent, _): "clock of an agent"
        case .cut(nil, _): "outage"
        case .cut(.reconciler, _): "partition of a reconciler"
        case .cut(.agent, _): "partition of an agent"
        case .loss: "loss"
        case .slowness: "slowness"
        case .bucketGone: "bucket gone"
        case .throttle: "throttle"
        case .drought: "drought"
        case .spike: "price spike"
        case .slowBoot: "slow boot"
        case .failedBoot: "failed boot"
        case .denied(_, let denial): "denied \(denial.rawValue)"
        case .fullSubnets: "full subnets"
        case .interrupt(_, nil): "interruption without notice"
        case .interrupt: "interruption"
        case .rebalance: "rebalance"
        case .maintenance: "maintenance"
        case .blind: "metadata unseen"
        case .unsaved: "checkpoints unseen"
        case .fullDisk: "full disk"
        case .powerCut: "power cut"
        case .console(_, let act): "console \(act.rawValue)"
        case .rot: "rot"
        case .bloat: "bloat"
        }
    }

    package var isCrash: Bool {
        if case .crash = self { true } else { false }
    }

    /// The run whose machine it strikes.
    package var run: RunName? {
        switch self {
        case .crash(.agent(let run), _, _, _), .freeze(.agent(let run)), .drift(.agent(let run), _),
            .cut(.agent(let run), _), .interrupt(let run, _), .rebalance(let run),
            .maintenance(let run), .blind(let run), .unsaved(let run), .fullDisk(let run),
            .powerCut(let run), .console(let run, _), .rot(let run), .bloat(let run):
            run
        default: nil
        }
    }

    /// The reconciler that it strikes.
    package var reconciler: Int? {
        switch self {
        case .crash(.reconciler(let number), _, _, _), .freeze(.reconciler(let number)),
            .drift(.reconciler(let number), _), .cut(.reconciler(let number), _):
            number
        default: nil
        }
    }
}
