import Glibc
import Processes
import TestSupport
import Testing

@Suite struct ChildProcessTests {
    private let path = ["PATH": "/usr/bin:/bin"]

    private func shell(_ script: String) -> Command {
        Command(["sh", "-c", script], environment: path)
    }

    @Test("exit 7 → exit code 7")
    func exitCode() async throws {
        let child = try await ChildProcess.spawn(shell("exit 7"))
        #expect(await child.wait(within: .seconds(10)) == .exited(7))
        #expect(child.status == .exited(7))
        #expect(!child.identity.isAlive)
    }

    @Test("killed → signal, and a later signal reaches nobody")
    func killed() async throws {
        let child = try await ChildProcess.spawn(shell("sleep 60"))
        #expect(child.identity.isAlive)
        #expect(child.signal(SIGTERM))
        #expect(await child.wait(within: .seconds(10)) == .signalled(SIGTERM))
        #expect(!child.signal(SIGTERM))
    }

    @Test("still running at the bound → nil, then reaped later")
    func bounded() async throws {
        let child = try await ChildProcess.spawn(shell("sleep 60"))
        #expect(await child.wait(within: .milliseconds(30)) == nil)
        child.signal(SIGKILL)
        #expect(await child.wait(within: .seconds(10)) == .signalled(SIGKILL))
    }

    @Test("cancelled wait → returns at once, the child goes on")
    func cancelled() async throws {
        let child = try await ChildProcess.spawn(shell("sleep 60"))
        let waiting = Task { await child.wait(within: .seconds(60)) }
        waiting.cancel()
        #expect(await waiting.value == nil)
        #expect(child.identity.isAlive)
        child.signal(SIGKILL)
        _ = await child.wait(within: .seconds(10))
    }

    @Test("no such program, by name or path → ENOENT, named")
    func missing() async {
        for program in ["holdfast-no-such-program", "/nowhere/program"] {
            await #expect {
                try await ChildProcess.spawn(Command([program], environment: path))
            } throws: { error in
                let failure = error as? SpawnFailure
                return failure?.isMissing == true && "\(error)".contains(program)
            }
        }
    }

    @Test("not executable → EACCES, named")
    func denied() async throws {
        let directory = try TemporaryDirectory()
        try FileSystem.write([], to: "\(directory.path)/plain")
        let command = Command(["\(directory.path)/plain"], environment: path)
        await #expect {
            try await ChildProcess.spawn(command)
        } throws: { error in
            (error as? SpawnFailure)?.isDenied == true && "\(error)".contains("plain")
        }
    }

    @Test("missing working directory → named as that")
    func missingDirectory() async {
        let command = Command(["true"], environment: path, directory: "/nowhere")
        await #expect {
            try await ChildProcess.spawn(command)
        } throws: { error in
            (error as? SpawnFailure)?.stage == .directory
        }
    }

    @Test("streams, directory and environment → as given, and nothing else")
    func surroundings() async throws {
        let directory = try TemporaryDirectory()
        try FileSystem.write(Array("in".utf8), to: "\(directory.path)/in")
        var command = shell(
            "cat; pwd; env | grep -v ^_= | grep -v ^PWD= ; echo e >&2; ls /proc/$$/fd")
        command.environment["A"] = "b c"
        command.directory = directory.path
        command.input = .read(path: "\(directory.path)/in")
        command.output = .append(path: "\(directory.path)/out")
        command.errors = .append(path: "\(directory.path)/err")
        let child = try await ChildProcess.spawn(command)
        #expect(await child.wait(within: .seconds(10)) == .exited(0))
        let lines = try #require(directory.text("out")).split(separator: "\n").map(String.init)
        #expect(lines.first == "in\(directory.path)")
        #expect(Set(lines[1...2]) == ["A=b c", "PATH=/usr/bin:/bin"])
        #expect(Array(lines[3...]) == ["0", "1", "2"])
        #expect(directory.text("err") == "e\n")
    }

    @Test("new session → its own leader; otherwise ours")
    func session() async throws {
        var command = shell("sleep 60")
        let leader = try await ChildProcess.spawn(command)
        #expect(getsid(leader.pid) == leader.pid)
        command.newSession = false
        let member = try await ChildProcess.spawn(command)
        #expect(getsid(member.pid) == getsid(0))
        for child in [leader, member] {
            child.signal(SIGKILL)
            _ = await child.wait(within: .seconds(10))
        }
    }

    @Test("parent-death signal → set in the child, and not sent while we live")
    func parentDeath() async throws {
        let directory = try TemporaryDirectory()
        let program = """
            import ctypes, time
            number = ctypes.c_int(0)
            ctypes.CDLL(None).prctl(2, ctypes.byref(number))
            time.sleep(0.2)
            print(number.value)
            """
        var command = Command(["python3", "-c", program], environment: path)
        command.parentDeathSignal = SIGTERM
        command.output = .append(path: "\(directory.path)/out")
        let child = try await ChildProcess.spawn(command)
        #expect(await child.wait(within: .seconds(20)) == .exited(0))
        #expect(directory.text("out") == "15\n")
    }

    @Test("forty at once → forty exit codes, each its own")
    func many() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for code in 0..<40 {
                group.addTask {
                    let child = try await ChildProcess.spawn(shell("exit \(code)"))
                    return await child.wait(within: .seconds(20)) == .exited(Int32(code))
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("let go of before it ends → reaped all the same, no zombie stays")
    func forgotten() async throws {
        let pid = try await ChildProcess.spawn(shell("sleep 0.05")).pid
        #expect(try await eventually { kill(pid, 0) != 0 })
    }
}
