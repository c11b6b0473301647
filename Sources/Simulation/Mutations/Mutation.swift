import Checkpoints
import Reconciliation
import Training

/// One way to break the control plane or the agents from outside, to prove that a checker bites.
///
/// Wraps the ports of every process of a world, so that it drops, alters or invents what passes
/// through them; production code has no branch for it.
package struct Mutation: Sendable {
    /// What a process is given to reach the world.
    struct Ports: Sendable {
        var source: any FleetSource
        var providers: any InstanceProviders
        var store: any ObjectStore
        let coding: any RecordCoding
    }

    /// What it does, for a table.
    package let name: String
    /// The promise that it breaks.
    package let promise: Promise
    /// Around the ports of each life of a reconciler.
    let reconciler: @Sendable (inout Ports) -> Void
    /// Around the store of each life of an agent.
    let agent: @Sendable (any ObjectStore, any RecordCoding) -> any ObjectStore

    init(
        _ name: String, breaks promise: Promise,
        reconciler: @escaping @Sendable (inout Ports) -> Void,
        agent: @escaping @Sendable (any ObjectStore, any RecordCoding) -> any ObjectStore = {
            store, _ in store
        }
    ) {
        self.name = name
        self.promise = promise
        self.agent = agent
        self.reconciler = reconciler
    }
}

extension Mutation {
    /// At least one for each promise.
    package static let all: [Mutation] = [
        Mutation(
            "living machines look terminated, and no agent sees another's claim",
            breaks: .oneTrainer,
            reconciler: { ports in ports.wrapProviders { provider, _ in SeesDeath(base: provider) }
            },
            agent: { store, coding in DeafAgent(base: store, coding: coding) }),
        Mutation("a launch sent again has another client token", breaks: .oneMachine) { ports in
            let sends = Memory(0)
            ports.wrapProviders { provider, _ in ForgetsTokens(base: provider, sends: sends) }
        },
        Mutation("a machine is not looked at before it is touched", breaks: .foreign) { ports in
            let seen = Memory<[InstanceID: Instance]>([:])
            ports.wrapProviders { provider, _ in LooksNoMore(base: provider, seen: seen) }
        },
        Mutation("indexes are read without their claims", breaks: .gate) { ports in
            ports.store = SeesNoClaims(base: ports.store, coding: ports.coding)
        },
        Mutation("a deletion goes to a newer checkpoint", breaks: .nothingLost) { ports in
            ports.store = DeletesNewer(base: ports.store)
        },
        Mutation("a list that fails is answered by the one before", breaks: .wholeReads) { ports in
            let seen = Memory<[String: [Instance]]>([:])
            ports.wrapProviders { AnswersStale(base: $0, region: $1, seen: seen) }
        },
        Mutation("a repository that fails lacks its first run", breaks: .wholeReads) { ports in
            ports.source = LosesRuns(base: ports.source)
        },
        Mutation("runs change in turn, and the scope forgets its terminations", breaks: .fuse) {
            ports in
            ports.source = ReadsOtherwise(base: ports.source, every: 2)
            ports.store = ForgetsTerminations(base: ports.store, coding: ports.coding)
        },
        Mutation("whoever is terminated takes a neighbour along", breaks: .reasons) { ports in
            let seen = Memory<[InstanceID]>([])
            ports.wrapProviders { provider, _ in EndsNeighbours(base: provider, seen: seen) }
        },
        Mutation("a manifest reads otherwise now and then", breaks: .quiet) { ports in
            ports.source = ReadsOtherwise(base: ports.source, every: 20)
        },
        Mutation("deletions are answered and not done", breaks: .growth) { ports in
            ports.store = DeletesNothing(base: ports.store)
        },
        Mutation("launches are never sent", breaks: .convergence) { ports in
            ports.wrapProviders { provider, _ in LaunchesNothing(base: provider) }
        },
    ]
}
