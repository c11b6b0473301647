import Checkpoints
import Planning
import Reconciliation
import Testing
import Training

@testable import reconcile

@Suite struct ViewTests {
    static let narrow = TextStyle(width: 80)

    /// Each view with the name of its golden files.
    static let views: [(name: String, view: any View)] = [
        ("plan-none", PlanView(Fixtures.quietPlan)),
        ("plan-healing", PlanView(Fixtures.quietPlan, isHealing: true)),
        ("plan-busy", PlanView(Fixtures.busyPlan, heldBecause: "it does not descend from it")),
        ("pass", PassView(result: pass, isLate: true, exit: .notConverged)),
        ("status-quiet", StatusView(status: status(Fixtures.quietPlan))),
        ("status-busy", StatusView(status: status(Fixtures.busyPlan))),
        ("status-blind", StatusView(status: blind)),
        ("explain", ExplainView(explanation: explanation)),
        ("explain-ec2", ExplainView(explanation: cloudExplanation)),
        ("explain-quota", ExplainView(explanation: quotaExplanation)),
        (
            "events-ec2",
            EventsView(
                events: RunEvent.events(of: Fixtures.run("resnet"), in: Fixtures.cloudRecords)
            )
        ),
        (
            "events",
            EventsView(
                events: RunEvent.events(of: Fixtures.run("resnet"), in: Fixtures.records))
        ),
        (
            "checkpoints",
            CheckpointsView(
                run: Fixtures.run("resnet"),
                checkpoints: CheckpointStanding.standings(of: Fixtures.records))
        ),
        ("history", history(Fixtures.records)),
        ("history-ec2", history(priced)),
        (
            "checkpoints-verified",
            CheckpointsView(run: Fixtures.run("resnet"), checkpoints: verified)
        ),
        (
            "validation",
            ValidationView(
                files: 2, runs: [Fixtures.run("resnet")], diagnostics: [Fixtures.diagnostic])
        ),
        ("forecast", Fixtures.forecast),
        ("instances", InstancesView(instances: [instance])),
        ("teardown", TeardownView(teardown: unfinished, data: .refused)),
        ("teardown-done", TeardownView(teardown: finished, data: .deleted(objects: 42))),
        ("message", MessageView(result: "Approved", message: "Plan 0123 is approved.")),
    ]

    private static func history(_ records: ObservedRun) -> HistoryView {
        HistoryView(
            run: Fixtures.run("resnet"),
            attempts: AttemptStory.stories(of: records, older: [], at: Fixtures.noon + 4224))
    }

    /// The machine of the second attempt costs half a dollar an hour, and has run for an hour.
    private static var priced: ObservedRun {
        var records = Fixtures.cloudRecords
        records.ledger?.attempts[1].launches[2].hourly = Dollars("0.5261")
        return records
    }

    private static var verified: [CheckpointStanding] {
        var standings = CheckpointStanding.standings(of: Fixtures.records)
        let findings: [CheckpointAudit.Finding] = [
            .invalid(reason: "model.bin: the SHA-256 differs"), .valid(files: 1, size: 3),
            .unknown(reason: "the store does not answer"),
        ]
        for (place, finding) in findings.enumerated() {
            standings[place].verification = CheckpointStanding.Verification(finding)
        }
        return standings
    }

    private static var pass: ReconcileResult {
        var result = ReconcileResult()
        result.firstPlan = Fixtures.busyPlan
        result.plan = Fixtures.quietPlan
        result.plan?.inactions = [Inaction(Fixtures.run("char-gpt"), because: .starting)]
        result.applied = Array(Fixtures.busyPlan.visibleActions.prefix(2))
        result.revision = Fixtures.revision
        result.appliedRevision = Fixtures.revision
        return result
    }

    /// A region that cannot be read, a launch without an answer, a foreign machine.
    private static var unfinished: Teardown {
        var result = ReconcileResult()
        result.plan = Fixtures.quietPlan
        result.plan?.inactions = [
            Inaction(
                Fixtures.run("char-gpt"),
                because: .launchInDoubt(until: Timestamp(milliseconds: 1_795_000_300_000)))
        ]
        result.plan?.foreign = [
            ForeignInstance(instance: InstanceID("i-0feed"), detail: "no client token")
        ]
        result.unknownRegions = ["us-west-2": "ec2: no answer: timed out"]
        return Teardown(scope: "research", result: result)
    }

    private static var finished: Teardown {
        var result = ReconcileResult()
        result.isConverged = true
        return Teardown(scope: "research", result: result)
    }

    private static func status(_ plan: Plan) -> FleetStatus {
        FleetStatus(
            scope: "research", owner: Fixtures.scope.owner, attempted: Fixtures.revision,
            applied: Fixtures.revision, revisionHeld: nil, plan: plan, diagnostics: [],
            problems: [])
    }

    private static var blind: FleetStatus {
        FleetStatus(
            scope: "research", owner: Fixtures.scope.owner, attempted: nil,
            applied: Fixtures.revision, revisionHeld: nil, plan: nil, diagnostics: [],
            problems: ["the repository cannot be reached: connection refused"])
    }

    private static var explanation: Explanation {
        var plan = Fixtures.emptyPlan
        plan.phases = [
            RunPhase(
                run: Fixtures.run("resnet"), phase: .training, attempt: 2,
                instance: InstanceID("i-8"), step: 412, checkpoint: Fixtures.id(2, 1),
                reason: "the gate has been shut")
        ]
        plan.inactions = [
            Inaction(Fixtures.run("resnet"), because: .gateHeld(since: Fixtures.noon + 800))
        ]
        return Explanation(
            run: Fixtures.run("resnet"),
            declared: RunSpec(
                name: Fixtures.run("resnet"), workdir: "trainers/resnet",
                run: "python train.py --out checkpoints",
                checkpoint: CheckpointPolicy(path: "checkpoints/step-*")),
            revision: Fixtures.revision, plan: plan, records: Fixtures.records,
            instances: [instance])
    }

    private static var cloudExplanation: Explanation {
        var explanation = explanation
        explanation.records = Fixtures.cloudRecords
        explanation.instances = [cloudInstance("i-8")]
        return explanation
    }

    /// A new account: not one machine of the family is allowed.
    private static var quotaExplanation: Explanation {
        let reason = InactionReason.quotaExhausted(
            until: Fixtures.noon + 600,
            quotas: ["on-demand g5 in us-east-1", "spot g5 in us-east-1"])
        var explanation = explanation
        explanation.records = ObservedRun()
        explanation.instances = []
        explanation.plan?.inactions = [Inaction(Fixtures.run("resnet"), because: reason)]
        explanation.plan?.phases = [
            RunPhase(
                run: Fixtures.run("resnet"), phase: .pending, attempt: nil, instance: nil,
                step: nil, checkpoint: nil, reason: reason.description)
        ]
        return explanation
    }

    private static func cloudInstance(_ id: String) -> Instance {
        var instance = instance
        instance.id = InstanceID(id)
        instance.instanceType = "g5.xlarge"
        instance.zone = "us-east-1b"
        return instance
    }

    private static var instance: Instance {
        Instance(
            id: InstanceID("i-8"), state: .running, market: .spot, region: "local",
            clientToken: "t", tags: [Tag.run: "resnet", Tag.attempt: "2", Tag.protect: "true"],
            launchedAt: Fixtures.noon + 622)
    }

    @Test("every view at 80 columns → the text that was looked at", arguments: views.indices)
    func text(index: Int) throws {
        let (name, view) = Self.views[index]
        let text = view.text(Self.narrow)
        try Golden.expect(text, "\(name).txt")
        #expect(!text.contains("\u{1B}"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test("every view as JSON → the document that was looked at", arguments: views.indices)
    func document(index: Int) throws {
        let (name, view) = Self.views[index]
        try Golden.expect(json(of: view), "\(name).json")
    }

    private func json(of view: some View) -> String {
        String(decoding: CanonicalJSON.encode(view.document, pretty: true), as: UTF8.self)
    }

    @Test("the wide tables → more columns, nothing cut")
    func wide() throws {
        let style = TextStyle(width: 80, isWide: true)
        try Golden.expect(
            StatusView(status: Self.status(Fixtures.busyPlan)).text(style), "status-wide.txt")
        var status = Self.status(Fixtures.busyPlan)
        status.instances = [Self.cloudInstance("i-1")]
        try Golden.expect(StatusView(status: status).text(style), "status-wide-ec2.txt")
        try Golden.expect(
            CheckpointsView(
                run: Fixtures.run("resnet"),
                checkpoints: CheckpointStanding.standings(of: Fixtures.records)
            ).text(style), "checkpoints-wide.txt")
    }

    @Test("no run, no event, no checkpoint, no machine → a sentence that says so")
    func empty() {
        #expect(EventsView(events: []).text(Self.narrow) == "No events.")
        #expect(InstancesView(instances: []).text(Self.narrow) == "No machines.")
        #expect(
            StatusView(status: Self.status(Fixtures.emptyPlan)).text(Self.narrow).contains(
                "No runs."))
        let view = CheckpointsView(run: Fixtures.run("a"), checkpoints: [])
        #expect(view.text(Self.narrow) == "a has no committed checkpoint.")
    }

    @Test("a table beyond the terminal → its last column cut; without a terminal whole")
    func table() {
        let table = Table(
            header: ["A", "B"], rows: [["x", Table.Cell(String(repeating: "y", count: 90))]])
        let cut = table.text(TextStyle(width: 40)).split(separator: "\n")
        #expect(cut[1].count == 40)
        #expect(cut[1].hasSuffix("…"))
        #expect(table.text(TextStyle()).split(separator: "\n")[1].count == 93)
    }

    @Test("control sequences in foreign text → spaces")
    func control() {
        #expect(Plain.line("a\u{1B}]0;x\u{07}b\nc\u{9B}d\u{202E}e") == "a ]0;x b c d e")
        #expect(Plain.text("a\n\u{1B}b") == "a\n b")
    }

    @Test(
        "colour → on a terminal, unless NO_COLOR, --no-color or TERM=dumb",
        arguments: [
            ([], [:], 80, true), ([], ["NO_COLOR": "1"], 80, false),
            ([], ["NO_COLOR": ""], 80, true),
            (["--no-color"], [:], 80, false), ([], [:], nil, false),
        ] as [([String], [String: String], Int?, Bool)])
    func colour(
        flags: [String], environment: [String: String], width: Int?, wanted: Bool
    ) async {
        let run = await Invocation.run(
            ["plan"] + flags, environment: environment,
            terminal: Terminal(width: width, showsErrors: width != nil))
        #expect(run.errors.contains("\u{1B}[31merror: ") == wanted)
        #expect(Terminal.current(environment: ["TERM": "dumb"]) == .none)
    }
}
