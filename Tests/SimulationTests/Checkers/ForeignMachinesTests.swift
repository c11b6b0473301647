import Testing
import Training

@testable import Simulation

@Suite struct ForeignMachinesTests {
    private let machine = InstanceID("i-a")
    private let process = ProcessID.reconciler(1, life: 1)
    private let store = StoreIdentity(text: "0123456789abcdef")
    private let launch = LaunchedMachines.Machine(
        intent: LaunchIntent(.char, attempt: 1, ordinal: 1), region: "us-east-1")

    /// What an order finds after a look at a machine with `tags`, `later` after it.
    private func order(
        _ verb: PortCall.ComputeVerb = .terminate, changing changes: [String: String] = [:],
        isOurs: Bool = true, later: Seconds = 1
    ) -> BrokenPromise? {
        var checker = ForeignMachines(scope: "lab", store: store)
        let tags = [Tag.scope: "lab", Tag.store: store.text, Tag.run: "char"].merging(changes) {
            $1
        }
        checker.looked(
            at: machine, tags: tags, launch: isOurs ? launch : nil, by: process,
            at: History.start)
        return checker.ordered(verb, machine, by: process, at: History.start + later)
    }

    @Test("a machine of ours is terminated just after a look → silent")
    func own() {
        #expect(order() == nil)
    }

    @Test(
        "a machine of another scope, store or run, or of nobody, is terminated → found",
        arguments: [Tag.scope, Tag.store, Tag.run])
    func foreign(tag: String) {
        #expect(order(changing: [tag: "other"]) != nil)
        #expect(order(isOurs: false) != nil)
    }

    @Test("a protected machine is stopped → found; it is started → silent")
    func protected() {
        #expect(order(.stop, changing: [Tag.protect: "true"]) != nil)
        #expect(order(.start, changing: [Tag.protect: "true"]) == nil)
    }

    @Test("an order without a look of its own, or long after it → found")
    func blind() {
        #expect(order(later: .minutes(6)) != nil)
        var checker = ForeignMachines(scope: "lab", store: store)
        #expect(checker.ordered(.stop, machine, by: process, at: History.start) != nil)
    }

    @Test("one look serves two orders → the second is found")
    func reused() {
        var checker = ForeignMachines(scope: "lab", store: store)
        let tags = [Tag.scope: "lab", Tag.store: store.text, Tag.run: "char"]
        checker.looked(at: machine, tags: tags, launch: launch, by: process, at: History.start)
        #expect(checker.ordered(.stop, machine, by: process, at: History.start) == nil)
        #expect(checker.ordered(.terminate, machine, by: process, at: History.start) != nil)
    }
}
