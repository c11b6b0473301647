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
}

extension Workshop {
    /// Looks through every file of the state directory and everything that `reconcile` said.
    func expectNone(of canaries: [String], exceptIn places: [String]) async throws {
        let files = try await run(["find", state, folder("home"), "-type", "f"])
        for file in files.output.split(separator: "\n") {
            guard !places.contains(where: { file.hasPrefix("\(state)/\($0)") }),
                let bytes = LocalFile.read(String(file))
            else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            for canary in canaries where text.contains(canary) {
                Issue.record("\(canary) in \(file)")
            }
        }
        let said = await transcript.output
        for canary in canaries where said.contains(canary) {
            Issue.record(
                "\(canary) was said: \(said.split(separator: "\n").filter { $0.contains(canary) })")
        }
    }
}
