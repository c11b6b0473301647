import ArgumentParser
import Checkpoints
import Training

/// Looks into one checkpoint file as a commit does, and prints how long each part took.
struct Inspecting: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Look into a checkpoint file, then read every byte.")

    @Argument(help: "The file.")
    var file: String

    @Option(help: "Looks at its structure, of which the median counts.")
    var looks = 9

    func run() async throws {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let name = String(parts.last ?? "")
        let folder = WorkingDirectory(parts.dropLast().joined(separator: "/"))
        guard let status = try folder.status(name) else { throw ValidationError("no \(file)") }
        let clock = ContinuousClock()
        var sums: RecordSums?
        var times: [Duration] = []
        for _ in 0..<looks {
            times.append(
                try clock.measure {
                    let bytes = try folder.bytes(of: name)
                    let opened = CheckpointInspection.File(path: name, bytes: bytes)
                    let found = try CheckpointInspection.inspect(
                        [opened], at: name, as: nil, step: nil)
                    sums = found.sums[name]
                })
        }
        let facts = FileFacts(
            path: name, size: status.size, modified: status.modified, inode: status.inode)
        try await report("structure", times.sorted()[looks / 2])
        for (label, proving) in [("SHA-256", nil), ("SHA-256 and records", sums)] {
            let (proof, time) = try await read(facts, in: folder, proving: proving, clock)
            let verdict = proof.records.map { ", \($0)" } ?? ""
            let rate = Double(status.size) / 1e9 / time.seconds
            print("\(label): \(time.seconds.shown) s, \(rate.shown) GB/s\(verdict)")
        }
    }

    private func report(_ label: String, _ time: Duration) async throws {
        print("\(label): \((time.seconds * 1000).shown) ms")
    }

    private func read(
        _ facts: FileFacts, in folder: WorkingDirectory, proving sums: RecordSums?,
        _ clock: ContinuousClock
    ) async throws -> (FileProof, Duration) {
        let start = clock.now
        let proof = try await folder.read(facts, proving: sums, copyingTo: nil)
        return (proof, clock.now - start)
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension Double {
    fileprivate var shown: String { "\((self * 1000).rounded() / 1000)" }
}
