import Reconciliation
import Training

@testable import Planning

/// One small fleet in which everything that a view shows happens at once.
enum Fixtures {
    static let noon = Timestamp(milliseconds: 1_767_225_600_000)
    static let revision = Revision(
        ref: "main", commit: "0123456789abcdef0123456789abcdef01234567")
    static let digest = SpecDigest(text: "v1:" + String(repeating: "ab", count: 32))

    static func run(_ name: String) -> RunName {
        RunName(name) ?? { preconditionFailure("a legal name") }()
    }

    static func id(_ attempt: Int, _ sequence: Int) -> CheckpointID {
        CheckpointID(attempt: attempt, sequence: sequence)
    }

    static var emptyPlan: Plan {
        Plan(
            revision: revision, sequence: 3, actions: [], inactions: [], blocked: [],
            fuse: FuseVerdict(allowed: 1, spent: 0, asked: 0, isApproved: false), foreign: [],
            phases: [])
    }

    static var quietPlan: Plan {
        var plan = emptyPlan
        plan.inactions = [Inaction(run("char-gpt"), because: .inSync)]
        plan.phases = [
            RunPhase(
                run: run("char-gpt"), phase: .training, attempt: 1,
                instance: InstanceID("i-0123456789abcdef0"), step: 400, checkpoint: id(1, 2),
                reason: "training as declared")
        ]
        return plan
    }

    static var busyPlan: Plan {
        var plan = emptyPlan
        plan.actions = [
            PlannedAction(.launch, run("char-gpt"), attempt: 1, because: .firstAttempt, steps: []),
            PlannedAction(
                .record, run("lora"), attempt: 2,
                because: .attemptEnded(.terminated, .interrupted), steps: []),
            PlannedAction(
                .resume, run("resnet"), attempt: 3,
                because: .continues(after: .interrupted, from: id(2, 7)), steps: []),
            PlannedAction(
                .stop, run("whisper"), attempt: 1, instance: InstanceID("i-2"),
                because: .declaredStopped, steps: []),
        ]
        plan.blocked = [
            PlannedAction(
                .terminate, run("old-one"), attempt: 4, instance: InstanceID("i-3"),
                because: .removed, steps: [], isFused: true)
        ]
        plan.inactions = [
            Inaction(
                run("bert"),
                because: .held(
                    .retriesExhausted(
                        failures: 3,
                        last: "exit code 1: RuntimeError: CUDA out of memory while allocating"))),
            Inaction(run("vit"), because: .inSync),
        ]
        plan.fuse = FuseVerdict(allowed: 1, spent: 1, asked: 1, isApproved: false)
        plan.foreign = [
            ForeignInstance(instance: InstanceID("i-9"), detail: "not launched from our ledger")
        ]
        plan.phases = [
            RunPhase(
                run: run("bert"), phase: .held(.interrupted), attempt: 4, step: 1200,
                checkpoint: id(3, 2), reason: "held: 3 failures without progress"),
            RunPhase(
                run: run("vit"), phase: .training, attempt: 1, instance: InstanceID("i-1"),
                step: 9, checkpoint: nil, reason: "training as declared"),
        ]
        return plan
    }

    static var ledger: Ledger {
        var ledger = Ledger(run: run("resnet"), writer: "host/1/a")
        ledger.attempts = [
            attempt(1, "no attempt has run yet") { attempt in
                attempt.launches = [
                    Launch(
                        ordinal: 1, request: nil, instance: InstanceID("i-7"),
                        createdAt: noon + 1)
                ]
                attempt.closure = Closure(
                    evidence: .terminated, outcome: .interrupted, at: noon + 600,
                    progressed: true, detail: "taken away with a notice")
            },
            attempt(2, "was interrupted; go on from 0001-00000002") { attempt in
                var refused = Launch(ordinal: 1, request: nil, createdAt: noon + 620)
                refused.refusal = Launch.Refusal(
                    kind: .capacity, detail: "the pool is dry", at: noon + 621)
                attempt.launches = [
                    refused,
                    Launch(
                        ordinal: 2, request: nil, instance: InstanceID("i-8"),
                        createdAt: noon + 622),
                ]
            },
        ]
        ledger.retired = [id(1, 1)]
        return ledger
    }

    /// The same history on EC2: a dry pool and a quota before the machine that trains.
    static var cloudRecords: ObservedRun {
        var records = records
        guard var attempt = records.ledger?.attempts.last else { return records }
        var quota = Launch(
            ordinal: 2, request: request("us-east-2a"), createdAt: noon + 622)
        quota.refusal = Launch.Refusal(
            kind: .quota, detail: "Max spot instance count exceeded", at: noon + 623)
        attempt.launches[0].request = request("us-east-1a")
        attempt.launches[0].refusal?.detail = "no g5.xlarge in us-east-1a now"
        attempt.launches[1].ordinal = 3
        attempt.launches[1].createdAt = noon + 624
        attempt.launches[1].request = request("us-east-1b")
        attempt.launches.insert(quota, at: 1)
        records.ledger?.attempts[1] = attempt
        return records
    }

    private static func request(_ zone: String) -> LaunchRequest {
        LaunchRequest(
            clientToken: zone, region: String(zone.dropLast()), market: .spot,
            shutdownBehavior: .terminate, tags: [:], userData: "",
            machine: MachineRequest(
                instanceType: "g5.xlarge", zone: zone, subnet: "subnet-1",
                image: MachineImage(
                    id: "ami-1", reference: nil, rootDevice: "/dev/sda1", rootSize: 8),
                diskSize: nil,
                securityGroups: [], instanceProfile: "holdfast-instance", keyName: nil,
                maxPrice: nil))
    }

    private static func attempt(
        _ number: Int, _ reason: String, _ change: (inout Attempt) -> Void
    ) -> Attempt {
        var attempt = Attempt(
            number: number, generation: 1, digest: digest,
            spec: StoredReference(key: "specs/resnet/x.json", sha256: Digest(of: "spec")),
            revision: revision, source: nil, start: StartPoint(.fresh), reason: reason,
            createdAt: noon + Seconds((number - 1) * 610))
        change(&attempt)
        return attempt
    }

    static var index: RunIndex {
        var index = RunIndex(run: run("resnet"), writer: "host/2/b")
        index.claim = Claim(
            attempt: 2, ordinal: 2, instance: InstanceID("i-8"), boot: "b", nonce: "n",
            at: noon + 630)
        index.head = Head(attempt: 2, checkpoint: id(1, 2))
        index.checkpoints = [
            checkpoint(1, 1, parent: nil, step: 100), checkpoint(1, 2, parent: id(1, 1), step: 200),
            checkpoint(2, 1, parent: id(1, 2), step: 300),
            checkpoint(2, 2, parent: id(2, 1), step: 400),
        ]
        index.checkpoints[3].quarantines = [
            Quarantine(
                digest: digest, attempt: 2, reason: "model.bin: its SHA-256 differs",
                at: noon + 700)
        ]
        var report = AttemptReport(attempt: 2, phase: .training, since: noon + 640)
        report.startedFrom = id(1, 2)
        report.lastLines = ["step 399 loss 1.31", "step 400 \u{1B}[31mloss 1.30"]
        index.reports = [report]
        return index
    }

    private static func checkpoint(
        _ attempt: Int, _ sequence: Int, parent: CheckpointID?, step: Int
    ) -> IndexedCheckpoint {
        IndexedCheckpoint(
            id: id(attempt, sequence), generation: 1, digest: digest, step: step, parent: parent,
            size: 1_572_864 * attempt, committedAt: noon + Seconds(attempt * 300 + sequence * 60))
    }

    static var records: ObservedRun {
        ObservedRun(
            ledger: ledger, index: index,
            heartbeats: [
                2: ObservedHeartbeat(
                    at: noon + 900,
                    body: Heartbeat(
                        instance: InstanceID("i-8"), boot: "b", phase: .working, step: 412))
            ])
    }

    static var scope: ScopeRecord {
        var scope = ScopeRecord(
            scope: "research",
            owner: ScopeRecord.Owner(
                origin: "https://git.example.org/team/runs", ref: "main", path: "manifests"),
            writer: "host/1/a")
        scope.applied = ScopeRecord.Applied(revision: revision, sequence: 3)
        return scope
    }

    static var diagnostic: Diagnostic {
        Diagnostic(
            at: SourceLocation(file: "manifests/a.yaml", line: 3, column: 5),
            "unknown key `checkpiont`; did you mean `checkpoint`?")
    }
}
