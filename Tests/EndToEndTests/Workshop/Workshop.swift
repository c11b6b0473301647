import Glibc
import Processes
import TestSupport
import Testing

/// One test's own world: a repository, a state directory, the built programs, and a watch that no
/// run ever has two trainers.
final class Workshop: Sendable {
    /// What a program left.
    struct Outcome: Sendable {
        var status: WaitStatus
        var output: String
        var errors: String

        var code: Int32 {
            guard case .exited(let code) = status else { return -1 }
            return code
        }
        var all: String { output + errors }
    }

    let folder: TemporaryDirectory
    let ground: any Ground
    let watch: TrainerWatch
    /// Besides the fixed ones.
    let environment: [String: String]
    let transcript = Transcript()

    var repository: String { folder("repository") }
    var state: String { folder("state") }
    var store: String { state + "/store" }

    /// The folder of the programs: beside the test bundle.
    static let programs: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
        let path = String(
            decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return FileSystem.parent(of: path)
    }()

    /// The root of this package.
    static let package: String = {
        var path = #filePath
        for _ in 0..<4 { path = FileSystem.parent(of: path) }
        return path
    }()

    private init(on kind: GroundKind, environment: [String: String]) throws {
        folder = try TemporaryDirectory()
        self.environment = environment
        switch kind {
        case .local: ground = LocalGround(state: folder("state"))
        case .cloud: ground = try CloudGround(folder: folder, boots: true)
        case .dormant: ground = try CloudGround(folder: folder, boots: false)
        }
        watch = TrainerWatch(mark: ground.mark)
    }

    /// Opens a workshop, works in it, and takes care that nothing of it is left.
    ///
    /// With `template` its repository begins as a copy of that one.
    @discardableResult
    static func open<Value: Sendable>(
        on kind: GroundKind = .local, environment: [String: String] = [:],
        template: String? = nil, _ body: @Sendable (Workshop) async throws -> Value
    ) async throws -> Value {
        await Slots.shared.take()
        let result: Result<Value, any Error>
        do {
            let workshop = try Workshop(on: kind, environment: environment)
            result = .success(try await workshop.work(template, body))
        } catch {
            result = .failure(error)
        }
        await Slots.shared.give()
        return try result.get()
    }

    private func work<Value>(
        _ template: String?, _ body: @Sendable (Workshop) async throws -> Value
    ) async throws -> Value {
        let watching = Task { await watch.run() }
        let result: Result<Value, any Error>
        do {
            try await makeRepository(from: template)
            result = .success(try await body(self))
        } catch {
            result = .failure(Failed(error: error, story: await tell()))
        }
        watching.cancel()
        try await close()
        return try result.get()
    }

    /// A test's failure with all that helps to understand it.
    struct Failed: Error, CustomStringConvertible {
        var error: any Error
        var story: String

        var description: String { "\(error)\n\(story)" }
    }

    /// Ends all machines; nothing may be left, and no run may ever have had two trainers.
    private func close() async throws {
        try await ground.end()
        let left = ProcessTable.processes(of: ground.mark)
        #expect(left.isEmpty, "left behind: \(left.map(\.arguments))")
        for entry in left { _ = entry.identity.signal(SIGKILL) }
        #expect(watch.violations.isEmpty)
    }

    // MARK: Programs

    /// Runs `reconcile` with this workshop's provider and state.
    @discardableResult
    func reconcile(
        _ arguments: String..., more: [String: String] = [:], within span: Duration = .seconds(60)
    ) async throws -> Outcome {
        try await reconcile(all: arguments, more: more, within: span)
    }

    @discardableResult
    func reconcile(
        all arguments: [String], more: [String: String] = [:],
        within span: Duration = .seconds(60)
    ) async throws -> Outcome {
        var place = arguments.contains("--provider") ? [] : ground.flags
        if !arguments.contains("--repo") { place += ["--repo", repository] }
        return try await run(
            [Self.programs + "/reconcile"] + arguments + place, more: more, within: span)
    }

    /// Applies until all is as declared; anything but `code` fails the test.
    @discardableResult
    func pass(
        _ arguments: String..., wait: Int = 60, expecting code: Int32 = 0,
        location: Testing.SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let wait = wait * ground.slowness
        let place = ground.flags + ["--repo", repository]
        let outcome = try await run(
            [Self.programs + "/reconcile", "--once", "--wait", "\(wait)s"] + place + arguments,
            within: .seconds(wait + 30))
        try #require(
            outcome.code == code, "\(outcome.status): \(outcome.all)", sourceLocation: location)
        return outcome
    }

    /// Runs a program to its end, or kills it after `span`.
    func run(
        _ arguments: [String], more: [String: String] = [:], directory: String? = nil,
        within span: Duration = .seconds(60)
    ) async throws -> Outcome {
        let name = "outputs/" + FileSystem.randomName()
        folder.write(name + ".out", "")
        folder.write(name + ".err", "")
        let child = try await start(
            arguments, more: more, directory: directory, output: folder(name + ".out"),
            errors: folder(name + ".err"))
        var status = await child.wait(within: span)
        if status == nil {
            _ = child.signal(SIGKILL)
            status = await child.wait(within: .seconds(5))
        }
        let outcome = Outcome(
            status: status ?? .signalled(SIGKILL), output: folder.text(name + ".out") ?? "",
            errors: folder.text(name + ".err") ?? "")
        await transcript.add(arguments, outcome)
        return outcome
    }

    /// Starts a program that the test ends itself.
    func start(
        _ arguments: [String], more: [String: String] = [:], directory: String? = nil,
        output: String, errors: String
    ) async throws -> ChildProcess {
        var variables = [
            "PATH": Command.currentEnvironment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "HOME": folder("home"), "LANG": "C.UTF-8", "TZ": "UTC",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
        variables.merge(ground.environment) { _, new in new }
        variables.merge(environment) { _, new in new }
        variables.merge(more) { _, new in new }
        var command = Command(
            arguments, environment: variables, directory: directory ?? folder.path)
        command.output = .append(path: output)
        command.errors = .append(path: errors)
        return try await ChildProcess.spawn(command)
    }
}

/// What all programs of a workshop said.
actor Transcript {
    /// With the commands.
    private(set) var text = ""
    /// Only what they said.
    private(set) var output = ""

    func add(_ arguments: [String], _ outcome: Workshop.Outcome) {
        output += outcome.all
        text += "$ \(arguments.joined(separator: " "))\n\(outcome.all)[\(outcome.status)]\n"
    }
}
