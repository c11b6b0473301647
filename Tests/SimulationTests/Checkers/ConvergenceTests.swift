import Planning
import Testing
import Training

@testable import Simulation

@Suite struct ConvergenceTests {
    private let spec = RunSpec.named(.char)

    private func machine(
        _ id: String = "i-a", training: Bool = true, digest: String? = nil
    ) -> Convergence.Machine {
        Convergence.Machine(
            id: InstanceID(id), digest: digest ?? SpecDigest(of: spec).description, isFresh: true,
            isTraining: training)
    }

    private func fault(
        _ machines: [Convergence.Machine], _ spec: RunSpec?, _ reasons: [InactionReason] = [.inSync]
    ) -> String? {
        Convergence().fault(of: .char, spec, up: machines, reasons)
    }

    @Test("one machine trains what is declared → silent")
    func training() {
        #expect(fault([machine()], spec) == nil)
    }

    @Test("no machine, an idle one, two, or one with an older spec → found")
    func running() {
        #expect(fault([], spec) != nil)
        #expect(fault([machine(training: false)], spec) != nil)
        #expect(fault([machine(), machine("i-b", training: false)], spec) != nil)
        #expect(fault([machine(digest: "v1:old")], spec) != nil)
    }

    @Test("a stopped or removed run has no machine up → silent; it has one → found")
    func stopped() {
        var stopped = spec
        stopped.state = .stopped
        #expect(fault([], stopped, [.declaredStopped]) == nil)
        #expect(fault([machine()], stopped, [.draining(intent: "1-1", until: nil)]) != nil)
        #expect(fault([machine()], nil, []) != nil)
        #expect(fault([machine()], nil, [.orphaned]) == nil)
    }

    @Test("completed, as a trainer's exit shows → silent; no trainer ever ended so → found")
    func completed() {
        var checker = Convergence()
        #expect(checker.fault(of: .char, spec, up: [], [.completed]) != nil)
        checker.ended(.char, ExitStatus(code: 0))
        #expect(checker.fault(of: .char, spec, up: [], [.completed]) == nil)
    }

    @Test("held, for a person to decide → silent; two machines are up all the same → found")
    func held() {
        #expect(fault([], spec, [.held(.interrupted)]) == nil)
        #expect(fault([machine(), machine("i-b")], spec, [.held(.interrupted)]) != nil)
    }
}
