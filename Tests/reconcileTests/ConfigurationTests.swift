import TestSupport
import Testing
import Training

@testable import reconcile

@Suite struct ConfigurationTests {
    private static let file: [SettingKey: Setting] = [
        .ref: Setting(text: "from-file", origin: .file("holdfast.yaml:1:6")),
        .path: Setting(text: "file/path", origin: .file("holdfast.yaml:2:7")),
        .interval: Setting(text: "1h", origin: .file("holdfast.yaml:3:11")),
    ]

    private func surroundings(
        _ environment: [String: String] = [:], directory: String = "/srv"
    ) -> Surroundings {
        Surroundings(
            environment: environment, directory: directory,
            executable: "/opt/holdfast/bin/reconcile")
    }

    private func refusal(
        _ body: () throws(CommandFailure) -> Void
    ) -> CommandFailure? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("a flag, a variable and the file → the flag, else the variable, else the file")
    func precedence() throws {
        let environment = ["HOLDFAST_REF": "from-variable", "HOLDFAST_PATH": "variable/path"]
        let settings = Settings(
            flags: [.ref: "from-flag"], environment: environment, file: Self.file)
        let configuration = try Configuration(settings, in: surroundings(environment))
        #expect(configuration.ref == "from-flag")
        #expect(configuration.path == "variable/path")
        #expect(configuration.interval == 3600)
    }

    @Test("nothing said → the defaults, and no provider")
    func defaults() throws {
        let configuration = try Configuration(Settings(), in: surroundings())
        #expect(configuration.path == "manifests")
        #expect(configuration.interval == 60)
        #expect(configuration.logFormat == .text)
        #expect(configuration.agent == "/opt/holdfast/bin/reconcile-agent")
        #expect(configuration.provider == nil)
        let refused = refusal { () throws(CommandFailure) in
            _ = try configuration.chosenProvider()
        }
        #expect(refused?.advice?.contains("--provider local") == true)
    }

    @Test("an empty variable → as if it were not set")
    func emptyVariable() throws {
        let settings = Settings(environment: ["HOLDFAST_REF": ""], file: Self.file)
        #expect(settings[.ref]?.text == "from-file")
    }

    @Test(
        "a wrong value → an error that names where it stands",
        arguments: [
            (SettingKey.interval, "5", SettingOrigin.flag, "--interval: a span"),
            (.interval, "0s", .variable, "HOLDFAST_INTERVAL: a span"),
            (
                .logFormat, "xml", .file("holdfast.yaml:4:13"),
                "holdfast.yaml:4:13: log_format: text"
            ),
            (.provider, "ec3", .flag, "--provider: local or ec2 is expected"),
            (.path, "../secrets", .flag, "--path: a folder of the repository"),
        ])
    func wrong(key: SettingKey, text: String, origin: SettingOrigin, wanted: String) {
        let settings = Settings(file: [key: Setting(text: text, origin: origin)])
        let refused = refusal { () throws(CommandFailure) in
            _ = try Configuration(settings, in: surroundings())
        }
        #expect(refused?.message.hasPrefix(wanted) == true, "\(refused?.message ?? "accepted")")
    }

    @Test("holdfast.yaml with faults → every one at its place")
    func faults() {
        let bytes = Array("intervall: 5m\nref: [main]\n---\npath: x\n".utf8)
        let refused = refusal { () throws(CommandFailure) in
            _ = try ConfigurationFile.settings(
                in: bytes, file: "holdfast.yaml", isInWorkTree: false)
        }
        let message = refused?.message ?? ""
        #expect(
            message.contains(
                "holdfast.yaml:1:1: error: unknown key `intervall`; did you mean `interval`?"))
        #expect(message.contains("holdfast.yaml:2:6: error: ref: a value is expected"))
        #expect(message.contains("holdfast.yaml:4:1: error: a second document"))
    }

    @Test(
        "a key that decides what runs, in a work tree's file → refused; elsewhere taken",
        arguments: ["repo", "provider", "state", "agent"])
    func operatorOnly(key: String) throws {
        let bytes = Array("\(key): local\n".utf8)
        let refused = refusal { () throws(CommandFailure) in
            _ = try ConfigurationFile.settings(
                in: bytes, file: "holdfast.yaml", isInWorkTree: true)
        }
        #expect(refused?.message.contains("use --\(key) or HOLDFAST_\(key.uppercased())") == true)
        let taken = try ConfigurationFile.settings(
            in: bytes, file: "holdfast.yaml", isInWorkTree: false)
        #expect(taken.count == 1)
    }

    @Test("a folder below a work tree → the work tree is found, and no file there is trusted")
    func workTree() async throws {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("repository/.git")
        directory.makeDirectory("repository/below/it")
        #expect(
            WorkTree.root(above: directory("repository/below/it")) == directory("repository"))
        #expect(WorkTree.root(above: directory.path) == nil)
        directory.write("repository/below/it/holdfast.yaml", "provider: local\n")
        let run = await Invocation.run(["status"], directory: directory("repository/below/it"))
        #expect(run.exit == .error)
        #expect(run.errors.contains("holdfast.yaml:1:11"))
    }

    @Test(
        "spans → whole seconds with a unit",
        arguments: [
            ("90s", 90), ("10m", 600), ("2h", 7200), ("7d", 604_800), ("0", 0), ("5", nil),
            ("-5s", nil), ("", nil), ("s", nil), ("1.5h", nil), ("99999999999999999999s", nil),
            ("9999d", nil), ("5ms", nil),
        ] as [(String, Int?)])
    func spans(text: String, wanted: Int?) {
        #expect(SpanText.seconds(text)?.count == wanted)
    }

    @Test(
        "paths → absolute, from the folder one stands in",
        arguments: [
            ("/a/b", "/a/b"), ("a", "/srv/a"), ("./a/../b", "/srv/b"), ("../x", "/x"),
            ("~/x", "/home/me/x"),
        ])
    func paths(path: String, wanted: String) {
        #expect(surroundings(["HOME": "/home/me"]).absolute(path) == wanted)
    }

    @Test("two origins → two folders of state; relative XDG values are ignored")
    func statePlace() {
        let environment = ["HOME": "/home/me", "XDG_STATE_HOME": "relative"]
        let one = StatePlace.standard(
            origin: "https://git.example.org/team/runs", environment: environment)
        let other = StatePlace.standard(
            origin: "https://git.example.org/others/runs", environment: environment)
        #expect(one != other)
        #expect(one.path.hasPrefix("/home/me/.local/state/holdfast/runs-"))
    }
}
