import Processes
import TestSupport
import Testing
import Training

/// Whatever happens to the repository: one clear message, the right exit code, nothing destroyed.
@Suite("The repository misbehaves", .timeLimit(.minutes(30)))
struct SourceTests {
    /// What a person may do to the repository, how `reconcile` is then called, and what it says.
    struct Mishap: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var line: String
        var arguments: [String] = []
        var code: Int32 = 1
        var message: String
    }

    private static let mishaps = [
        Mishap(
            testDescription: "the repository is gone", line: "mv ../repository ../elsewhere",
            message: "cannot be reached"),
        Mishap(
            testDescription: "nobody answers", line: "true",
            arguments: ["--repo", "http://127.0.0.1:9/x.git"], message: "cannot be reached"),
        Mishap(
            testDescription: "the branch is gone", line: "git branch -q -m main other",
            arguments: ["--ref", "main"], message: "has no ref main"),
        Mishap(
            testDescription: "the repository is empty",
            line: "rm -rf .git && git init -q -b main", message: "has no commit"),
        Mishap(
            testDescription: "the folder is gone",
            line: "git rm -rq manifests && git commit -qm x", message: "no folder manifests"),
        Mishap(
            testDescription: "no run is declared",
            line: "git rm -q manifests/a.yaml && git commit -qm x", code: 0,
            message: "declares no run at all"),
        Mishap(
            testDescription: "another scope", line: "true",
            arguments: ["--path", "trainer"],
            message: "give this repository a scope or a state of its own"),
        Mishap(
            testDescription: "its objects are damaged",
            line: "find .git/objects -type f | xargs chmod u+w && "
                + "find .git/objects -type f | xargs -I F sh -c 'echo x > F'",
            message: "damaged"),
    ]

    @Test("a mishap → said once, and the training goes on", arguments: mishaps)
    func mishap(_ mishap: Mishap) async throws {
        try await Workshop.open { shop in
            try await shop.declare(TrainingManifest())
            try await shop.pass()
            try await shop.until("it trains") { shop.trainers().count == 1 }
            let trainer = shop.trainers().map(\.identity)
            let ledger = try shop.ledger()
            try await shop.shell(mishap.line)

            for command in [["--once"], ["plan"]] {
                let outcome = try await shop.reconcile(all: command + mishap.arguments)
                #expect(outcome.code == mishap.code, "\(outcome.all)")
                let said = outcome.all.split(separator: "\n").filter {
                    $0.contains(mishap.message)
                }
                #expect(said.count == 1, "\(command): \(outcome.all)")
            }
            #expect(shop.trainers().map(\.identity) == trainer)
            #expect(try shop.ledger()?.attempts == ledger?.attempts)
            // It still can be told how things stand.
            let status = try await shop.reconcile("status")
            #expect(status.output.contains("a "), "\(status.all)")
        }
    }

    @Test("one mishap after another, where machines cost money → no call that changes one")
    func costly() async throws {
        try await Workshop.open(on: .dormant) { shop in
            let double = try #require((shop.ground as? CloudGround)?.double)
            try await shop.declare(TrainingManifest())
            try await shop.reconcile("--once")
            #expect(try shop.living().count == 1)
            // In an order in which each leaves a repository to the next.
            for place in [1, 6, 5, 4, 0] {
                let mishap = Self.mishaps[place]
                try await shop.shell(mishap.line)
                try double.clearCalls()
                let outcome = try await shop.reconcile(
                    all: ["--once", "--state", Self.bucket] + mishap.arguments)
                #expect(outcome.code == mishap.code, "\(mishap.testDescription): \(outcome.all)")
                #expect(outcome.all.contains(mishap.message), "\(outcome.all)")
                let changing = try double.calls().filter {
                    $0.service == "ec2" && !$0.operation.hasPrefix("Describe")
                }
                #expect(changing.map(\.operation) == [], "\(mishap.testDescription)")
            }
            // Only the manifests would say where its records are.
            let lost = try await shop.reconcile("--once")
            #expect(lost.code == 1)
            #expect(lost.all.contains("cannot be reached"), "\(lost.all)")
            #expect(lost.all.contains("name the bucket with --state"), "\(lost.all)")
        }
    }

    private static let bucket = "s3://\(CloudGround.bucket)/\(CloudGround.prefix)"

    @Test(
        "the repository is away while a machine is lost → healed from the applied manifests",
        arguments: GroundKind.allCases)
    func heals(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest(lines: ["resources: {use_spot: true}"]))
            try await shop.pass()
            try await shop.untilCommitted(1)
            try shop.interrupt(notice: nil)
            try await shop.until("it is gone") {
                try shop.living().isEmpty && shop.trainers().isEmpty
            }
            try await shop.shell("mv .git/refs .git/away")
            // On EC2 only the policy names the bucket, or else the operator.
            let place = kind == .local ? [] : ["--state", Self.bucket]
            let outcome = try await shop.reconcile(all: ["--once", "--wait", "50s"] + place)
            #expect(outcome.code == 1)
            try await shop.until("attempt 2 trains") { shop.trainers().count == 1 }
            try await shop.expectContinuity()
            try await shop.expectSound(living: 1)
        }
    }

    @Test(
        "one broken manifest among good ones → its run stays, the others go on, none is removed",
        arguments: GroundKind.allCases)
    func broken(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            try await shop.declare(TrainingManifest())
            try await shop.declare(TrainingManifest(name: "b"))
            try await shop.pass()
            try await shop.commit([
                "manifests/a.yaml": "name: a\nrnu: typo\n", "manifests/b.yaml": nil,
                "manifests/c.yaml": TrainingManifest(name: "c", lines: shop.ground.lines).yaml,
            ])
            let outcome = try await shop.reconcile("--once", "--wait", "50s")
            #expect(outcome.code == 1)
            #expect(
                outcome.all.contains("manifests/a.yaml:2:1: error: "), "\(outcome.all)")
            #expect(outcome.all.contains("did you mean `run`?"), "\(outcome.all)")
            // A pass ends once the agents have claimed their runs; trainers start a moment later.
            for run in ["a", "b", "c"] {
                try await shop.until("\(run) trains") { shop.trainers(run).count == 1 }
            }
        }
    }

    @Test(
        "an older commit than the applied one → planned, not applied, unless it is allowed",
        arguments: GroundKind.allCases)
    func rollback(_ kind: GroundKind) async throws {
        try await Workshop.open(on: kind) { shop in
            let older = try await shop.declare(TrainingManifest())
            try await shop.declare(TrainingManifest(name: "b"))
            try await shop.pass()
            for run in ["a", "b"] {
                try await shop.until("\(run) trains") { shop.trainers(run).count == 1 }
            }
            try shop.move(to: older)
            let held = try await shop.pass(expecting: 3)
            #expect(shop.trainers("b").count == 1)
            #expect(held.all.contains("--allow-rollback"), "\(held.all)")
            try await shop.pass("--allow-rollback")
            try await shop.until("b is gone") { shop.trainers("b").isEmpty }
            #expect(shop.trainers("a").count == 1)
            #expect(try shop.scope()?.applied?.revision.commit == older)
        }
    }

    @Test("a detached clone of depth 1, as CI has it → applied like any other")
    func shallow() async throws {
        try await Workshop.open { shop in
            let commit = try await shop.declare(TrainingManifest())
            let clone = shop.folder("clone")
            try await shop.shell(
                "git clone -q --depth 1 file://$PWD '\(clone)' && git -C '\(clone)' checkout -q "
                    + "--detach")
            let outcome = try await shop.reconcile("--once", "--wait", "60s", "--repo", clone)
            #expect(outcome.code == 0, "\(outcome.all)")
            #expect(try shop.scope()?.applied?.revision.commit == commit)
            try await shop.until("it trains") { shop.trainers().count == 1 }
            // The same commit again is nothing new, and a pass on the origin finds the same owner.
            let again = try await shop.reconcile("--once", "--repo", clone)
            #expect(again.code == 0, "\(again.all)")
        }
    }
}
