import Glibc
import Processes
import TestSupport
import Testing
import Training

@testable import Supervision

@Suite(.enabled(if: Account.canSwitch, "only root becomes somebody else"))
struct SourceUnpackerTests {
    let folder: TemporaryDirectory
    let nobody: Account

    init() throws {
        folder = try TemporaryDirectory()
        chmod(folder.path, 0o755)
        nobody = try #require(Account(named: "nobody"))
    }

    /// Unpacks an archive of `lib/code` over what stands in the working directory.
    private func unpack() async throws -> StepResult {
        folder.write("tree/lib/code", "new")
        let command = Command(
            ["tar", "-czf", folder("source.tar.gz"), "-C", folder("tree"), "lib/code"],
            environment: Command.currentEnvironment)
        _ = try await ChildProcess.output(of: command, within: .seconds(60), limit: 100)
        let bytes = try #require(folder.read("source.tar.gz"))
        let store = MemoryObjectStore()
        await store.plant("source", bytes)
        let unpacker = SourceUnpacker(
            store: store, disk: try MachineDisk(root: folder("disk")), account: nobody)
        return await unpacker.fetch(
            SourceArchive(
                tree: "t", key: "source", sha256: Digest(of: bytes), size: bytes.count))
    }

    @Test("a source → unpacked as the trainer, to whom it belongs")
    func unpacked() async throws {
        #expect(try await unpack() == .done)
        #expect(folder.text("disk/work/lib/code") == "new")
        var status = stat()
        #expect(stat(folder("disk/work/lib/code"), &status) == 0)
        #expect(status.st_uid == nobody.user)
    }

    @Test(
        "a folder of an earlier life is a link to one of root's → refused, nothing is written there"
    )
    func throughALink() async throws {
        folder.makeDirectory("outside")
        folder.link("disk/work/lib", to: folder("outside"))
        guard case .invalid = try await unpack() else {
            Issue.record("not refused")
            return
        }
        #expect(!folder.exists("outside/code"))
    }
}
