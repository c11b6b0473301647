import TestSupport
import Testing

@testable import reconcile

@Suite struct MaskingTests {
    private static let canary = "cAnary/with+odd\"chars"
    private static let environment = [
        "HOLDFAST_GIT_USERNAME": "me", "HOLDFAST_GIT_PASSWORD": canary,
        "HOLDFAST_GIT_TOKEN": "t0ken-canary", "HOLDFAST_PROVIDER": "local",
    ]

    @Test("a credential in text, JSON or a URL → masked")
    func forms() {
        let masking = Masking(environment: Self.environment)
        let shown = masking.masked(
            """
            \(Self.canary) t0ken-canary {"a":"cAnary/with+odd\\"chars"} \
            cAnary%2Fwith%2Bodd%22chars https://user:pass@host/x http://tok@host:80/y z@example.org
            """)
        #expect(
            shown
                == """
                *** *** {"a":"***"} *** https://***@host/x http://***@host:80/y z@example.org
                """)
    }

    @Test("a credential before a combining mark → masked")
    func combined() {
        #expect(
            Masking(environment: Self.environment).masked("t0ken-canary\u{301}") == "***\u{301}")
    }

    @Test("no credential → the text as it is")
    func untouched() {
        let text = "ssh://host/a?b=c@d see https://example.org/@scope and a@b"
        #expect(Masking().masked(text) == text)
    }

    @Test(
        "every command with credentials in environment and URL → shows none",
        arguments: HelpTests.commands.filter { !$0.isEmpty })
    func neverShown(path: [String]) async throws {
        let directory = try TemporaryDirectory()
        var environment = Self.environment
        environment["HOME"] = directory.path
        environment["HOLDFAST_REPO"] = "http://me:urlCanary@127.0.0.1:1/repo.git"
        var arguments = path
        if path == ["run"] { arguments.append("--once") }
        if ["explain", "checkpoints", "logs", "resume", "interrupt"].contains(path.last) {
            arguments.append("some-run")
        }
        if path == ["approve"] { arguments.append("0123456789ab") }
        guard path != ["local"] else { return }
        for format in [[], ["-o", "json"]] {
            let run = await Invocation.run(
                arguments + format, environment: environment, directory: directory.path)
            let all = run.output + run.errors
            #expect(!all.isEmpty)
            for secret in [Self.canary, "t0ken-canary", "urlCanary"] {
                #expect(!all.contains(secret), "\(path) shows a credential")
            }
        }
    }
}
