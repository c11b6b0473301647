import Processes
import TestSupport
import Testing
import Training

@Suite("Secrets", .timeLimit(.minutes(30)))
struct SecretTests {
    private static let canaries = [
        "canary-token-1f0c", "canary-password-9b2e", "canary-aws-77d3", "canary-userinfo-51aa",
        "canary-hook-c0de",
    ]

    @Test("canaries in environment, URL and manifest → in no output, log, ledger, index or tag")
    func canaries() async throws {
        let environment = [
            "HOLDFAST_GIT_TOKEN": Self.canaries[0], "HOLDFAST_GIT_PASSWORD": Self.canaries[1],
            "HOLDFAST_GIT_USERNAME": "someone", "AWS_SECRET_ACCESS_KEY": Self.canaries[2],
            "MY_WEBHOOK_SECRET": Self.canaries[4],
        ]
        try await Workshop.open(environment: environment) { shop in
            var manifest = TrainingManifest(steps: 40)
            manifest.lines = ["envs: {LICENSE_KEY: canary-envs-e4f5}"]
            try await shop.declare(manifest)
            try await shop.pass()
            try await shop.untilReleased(attempt: 1)
            try await shop.pass()
            for command in [
                ["plan"], ["plan", "-o", "json"], ["status"], ["explain", "a"], ["events"],
                ["checkpoints", "a"], ["logs", "a"], ["local", "list"], ["validate"],
                ["--once", "-o", "json"], ["status", "-o", "json"],
            ] {
                try await shop.reconcile(all: command)
            }
            // Errors that name the URL.
            let url = "http://someone:\(Self.canaries[3])@127.0.0.1:9/x.git?key=\(Self.canaries[3])"
            for command in [["--once"], ["plan"], ["status"]] {
                let outcome = try await shop.reconcile(all: command + ["--repo", url])
                #expect(outcome.code == 1, "\(outcome.all)")
            }
            try await shop.expectNone(of: Self.canaries, exceptIn: [])
            try await shop.expectNone(of: ["canary-envs-e4f5"], exceptIn: ["store/specs/"])
        }
    }

    @Test(
        "a secret of SSM, and the keys of the account → the trainer has the one, nothing else any")
    func granted() async throws {
        try await Workshop.open(on: .cloud) { shop in
            let double = try #require((shop.ground as? CloudGround)?.double)
            let canary = "canary-ssm-0d1e"
            try double.control(
                "POST", "parameters",
                "{\"name\":\"/research/wandb\",\"value\":\"\(canary)\","
                    + "\"region\":\"\(CloudGround.region)\",\"secure\":true}")
            var manifest = TrainingManifest()
            manifest.lines = ["secrets: {WANDB_API_KEY: ssm:/research/wandb}"]
            try await shop.declare(manifest)
            try await shop.pass()
            try await shop.untilCommitted(1)
            #expect(shop.trainers().map { $0.environment["WANDB_API_KEY"] } == [canary])
            manifest.lines.append("state: stopped")
            try await shop.declare(manifest)
            try await shop.pass()
            for command in [
                ["plan", "-o", "json"], ["status", "-o", "json"], ["explain", "a"], ["events"],
                ["checkpoints", "a"], ["logs", "a"],
            ] {
                let outcome = try await shop.reconcile(all: command)
                #expect(outcome.code == 0, "\(command): \(outcome.all)")
            }
            try await shop.expectNone(
                of: [canary, AWSDoubleProcess.secretAccessKey], exceptIn: [])
        }
    }
}

extension Workshop {
    /// Looks through every file of the state directory and of machines, every object and tag on
    /// AWS, and everything that `reconcile` said.
    func expectNone(of canaries: [String], exceptIn places: [String]) async throws {
        let folders = [state, folder("machines"), folder("home")].filter {
            ((try? FileSystem.status($0)) ?? nil) != nil
        }
        let files = try await run(["find"] + folders + ["-type", "f"])
        #expect(files.code == 0, "\(files.all)")
        for file in files.output.split(separator: "\n") {
            guard !places.contains(where: { file.hasPrefix("\(state)/\($0)") }),
                let bytes = LocalFile.read(String(file))
            else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            for canary in canaries where text.contains(canary) {
                Issue.record("\(canary) in \(file)")
            }
        }
        if ground is CloudGround {
            // Programs and archives come through as no text, and are ours.
            let keys = try ground.keys(below: "")
            #expect(keys.contains { $0.hasPrefix("ledgers/") })
            for key in keys
            where !key.hasPrefix("agents/") && !key.hasPrefix("sources/") {
                let text = String(decoding: try ground.object(key) ?? [], as: UTF8.self)
                for canary in canaries where text.contains(canary) {
                    Issue.record("\(canary) in \(key)")
                }
            }
            for machine in try machines() {
                #expect(!machine.tags.values.contains { canaries.contains($0) })
            }
        }
        let said = await transcript.output
        for canary in canaries where said.contains(canary) {
            Issue.record(
                "\(canary) was said: \(said.split(separator: "\n").filter { $0.contains(canary) })")
        }
    }
}
