import ArgumentParser
import Checkpoints
import Glibc
import Planning
import Training

/// `reconcile checkpoints RUN`.
struct CheckpointsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoints",
        abstract: "List the committed checkpoints of a run, and which one is next.",
        discussion: """
            With --verify every byte of each one is read back from the store and compared with \
            what was committed; one that is not what it was ends the command with exit code 1. \
            It takes room for a few of their files in the folder for temporary files (TMPDIR).
            """)

    @Argument(help: "The run.")
    var run: RunArgument

    @Flag(help: "Read every byte of each checkpoint and compare it with what was committed.")
    var verify = false

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let reader = try await Wiring(workplace).recordReader()
        let observed = try await reader.observeKnown(run.name)
        var standings = CheckpointStanding.standings(of: observed)
        if verify { try await verify(&standings, observed.index, reader, workplace.output) }
        workplace.output.show(CheckpointsView(run: run.name, checkpoints: standings))
        let isBroken = standings.contains { $0.verification?.isBroken ?? false }
        return isBroken ? .error : .success
    }

    /// The newest first, so that what matters most is known soonest.
    ///
    /// What is retired is being deleted, and proves nothing.
    private func verify(
        _ standings: inout [CheckpointStanding], _ index: RunIndex?, _ reader: RecordReader,
        _ output: Output
    ) async throws(CommandFailure) {
        var template = Array("\(temporaryFolder)/holdfast-verify-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                "no folder can be made in \(temporaryFolder): \(String(cString: strerror(errno)))",
                advice: "set TMPDIR to a folder with room for some checkpoint files")
        }
        let folder = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { rmdir(folder) }
        let audit = CheckpointAudit(records: reader.records, scratch: folder + "/files")
        for place in standings.indices where standings[place].use != .retired {
            let id = standings[place].id
            if output.format != .json { output.note("reading \(id) …") }
            let entry = index?.checkpoints.last { $0.id == id }
            let finding = await audit.verify(id, of: run.name, entry: entry)
            standings[place].verification = CheckpointStanding.Verification(finding)
        }
    }

    private var temporaryFolder: String {
        getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    }
}
