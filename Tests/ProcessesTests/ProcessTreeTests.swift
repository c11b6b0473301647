import Glibc
import Processes
import TestSupport
import Testing

/// Adoption is tried in a process of its own: there every stray child is the tree's.
@Suite(.serialized) struct ProcessTreeTests {
    private static func shell(_ script: String) -> Command {
        Command(["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"])
    }

    private static func tree(grouped: Bool = false, adopts: Bool = false) -> ProcessTree {
        let mark = EnvironmentMark.randomRun()
        let group = grouped ? ControlGroup.make(named: "holdfast-test-\(mark.value)") : nil
        return ProcessTree(mark: mark, controlGroup: group, adoptsOrphans: adopts)
    }

    @Test(
        "setsid grandchildren, pipes, ignored TERM → all listed, all killed",
        arguments: [true, false])
    func everything(grouped: Bool) async throws {
        let tree = Self.tree(grouped: grouped)
        let script = "setsid sleep 61 & (trap '' TERM; sleep 62; :) | cat & sleep 63; :"
        let child = try await tree.spawn(Self.shell(script))
        #expect(try await eventually { try tree.living().count >= 6 })
        #expect(try await tree.kill(within: .seconds(10)) == [])
        #expect(try tree.isEmpty())
        #expect(await child.wait(within: .seconds(5)) == .signalled(SIGKILL))
    }

    @Test("launcher dies at once → its trainer is still ours")
    func deadLauncher() async throws {
        let tree = Self.tree()
        let launcher = try await tree.spawn(Self.shell("setsid sleep 60 & exit 0"))
        #expect(await launcher.wait(within: .seconds(10)) == .exited(0))
        #expect(try tree.living().count == 1)
        #expect(!(try tree.isEmpty()))
        #expect(try await tree.kill(within: .seconds(10)) == [])
    }

    @Test("orphan with a cleared environment → adopted by the subreaper")
    func clearedEnvironment() async {
        await #expect(processExitsWith: .success) {
            #expect(Subreaper.enable())
            let tree = ProcessTreeTests.tree(adopts: true)
            let launcher = try await tree.spawn(
                ProcessTreeTests.shell("setsid env -i /bin/sleep 60 & exit 0"))
            #expect(await launcher.wait(within: .seconds(10)) == .exited(0))
            #expect(try await eventually { try tree.living().count == 1 })
            #expect(try await tree.kill(within: .seconds(10)) == [])
        }
    }

    @Test("orphan with a cleared environment, no adoption → held by the control group")
    func heldByGroup() async throws {
        let tree = Self.tree(grouped: true)
        guard let group = tree.controlGroup else { return }  // no cgroup v2 to write to here
        let launcher = try await tree.spawn(Self.shell("setsid env -i /bin/sleep 60 & exit 0"))
        #expect(await launcher.wait(within: .seconds(10)) == .exited(0))
        #expect(try await eventually { try tree.living().count == 1 })
        #expect(try await tree.kill(within: .seconds(10)) == [])
        #expect(ControlGroup(existing: group.path) == nil)
    }

    @Test("TERM → reaches every process, which end by themselves")
    func terminate() async throws {
        let tree = Self.tree()
        let child = try await tree.spawn(Self.shell("setsid sleep 60 & sleep 60 & wait"))
        #expect(try await eventually { try tree.living().count == 3 })
        #expect(try tree.signal(SIGTERM).count == 3)
        #expect(try await tree.waitUntilEmpty(within: .seconds(10)))
        #expect(await child.wait(within: .seconds(5)) == .signalled(SIGTERM))
    }

    @Test("two trees → neither sees the other's processes")
    func separate() async throws {
        let one = Self.tree()
        let other = Self.tree()
        let child = try await one.spawn(Self.shell("sleep 60"))
        #expect(try other.isEmpty())
        #expect(try await other.kill(within: .seconds(5)) == [])
        #expect(child.identity.isAlive)
        #expect(try await one.kill(within: .seconds(5)) == [])
        _ = await child.wait(within: .seconds(5))
    }

    @Test("a process forks while it is killed → all are gone at the end")
    func forking() async throws {
        let tree = Self.tree()
        _ = try await tree.spawn(
            Self.shell("while :; do (sleep 0.05; sleep 60) & sleep 0.01; done"))
        #expect(try await eventually { try tree.living().count > 5 })
        #expect(try await tree.kill(within: .seconds(10)) == [])
        #expect(try tree.isEmpty())
    }

    @Test("orphans that end → reaped, no zombie stays with us")
    func zombies() async {
        await #expect(processExitsWith: .success) {
            #expect(Subreaper.enable())
            let directory = try TemporaryDirectory()
            let tree = ProcessTreeTests.tree(adopts: true)
            let launcher = try await tree.spawn(
                ProcessTreeTests.shell("sleep 0.05 & echo $! > \(directory.path)/pid; exit 0"))
            _ = await launcher.wait(within: .seconds(10))
            #expect(try await tree.waitUntilEmpty(within: .seconds(10)))
            let text = try #require(directory.text("pid")).filter(\.isNumber)
            let pid = try #require(Int32(text))
            #expect(try await eventually { try tree.isEmpty() && kill(pid, 0) != 0 })
        }
    }
}
