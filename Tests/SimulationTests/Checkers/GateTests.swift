import Planning
import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite struct GateTests {
    private let agent = History.agent("i-a")

    /// A machine that trains by right, under a manifest with `policy`.
    private func training(_ policy: StopPolicy) throws -> History {
        var history = try History()
        var spec = RunSpec.named(.char)
        spec.stop = policy
        history.note(.declared(DesiredFleet([spec])))
        history.launch("i-a", .char, attempt: 1)
        try history.index([], of: .char, by: agent)
        history.train("i-a", .char)
        return history
    }

    private func beat(_ history: inout History) throws {
        try history.put(
            StoreLayout.heartbeat(.char, attempt: 1, node: 0), [1], by: agent)
    }

    private func order(_ history: inout History) {
        history.note(.ordered(.terminate, InstanceID("i-a")), by: history.reconciler)
    }

    @Test("a machine that trains by right is terminated at once → found")
    func atOnce() throws {
        var history = try training(StopPolicy(onTimeout: .proceed))
        try beat(&history)
        order(&history)
        #expect(history.broken(.gate).map(\.run) == [.char])
    }

    @Test("after a drain's whole limit, with on_timeout: proceed → silent; with hold → found")
    func limit() throws {
        for policy in [StopPolicy.OnTimeout.proceed, .hold] {
            var history = try training(StopPolicy(grace: 60, onTimeout: policy))
            let action = PlannedAction.end("i-a", because: .declaredTerminated)
            history.note(.occurred(.acting(action)), by: history.reconciler)
            history.wait(.minutes(6))
            try beat(&history)
            order(&history)
            #expect(history.broken(.gate).isEmpty == (policy == .proceed))
        }
    }

    @Test("half way through a drain's limit → found")
    func tooEarly() throws {
        var history = try training(StopPolicy(grace: 60, onTimeout: .proceed))
        let action = PlannedAction.end("i-a", because: .declaredTerminated)
        history.note(.occurred(.acting(action)), by: history.reconciler)
        history.wait(.minutes(3))
        try beat(&history)
        order(&history)
        #expect(history.broken(.gate).count == 1)
    }

    @Test("after a silence of its whole limit, with on_timeout: proceed → silent")
    func silence() throws {
        var history = try training(StopPolicy(grace: 60, onTimeout: .proceed))
        try beat(&history)
        history.wait(.minutes(10))
        order(&history)
        #expect(history.broken(.gate).isEmpty)
    }

    @Test("its trainer is gone, or another attempt holds the claim → silent")
    func trivial() throws {
        var ended = try training(StopPolicy())
        ended.note(.trainerEnded(InstanceID("i-a"), ExitStatus(code: 0)), by: agent)
        order(&ended)
        #expect(ended.broken(.gate).isEmpty)

        var fenced = try training(StopPolicy())
        try fenced.index([], of: .char, by: History.agent("i-b"))
        order(&fenced)
        #expect(fenced.broken(.gate).isEmpty)
    }
}
