import Checkpoints
import TestSupport
import Testing
import Training

struct CandidateScannerTests {
    let disk: TemporaryDirectory

    init() throws {
        disk = try TemporaryDirectory()
    }

    private func look(_ policy: CheckpointPolicy) throws -> Look {
        try CandidateScanner(directory: disk.path, policy: policy).look()
    }

    private func flaws(_ policy: CheckpointPolicy) throws -> [String: String?] {
        Dictionary(
            uniqueKeysWithValues: try look(policy).found.map { ($0.candidate.path, $0.flaw) })
    }

    @Test("files that match, one that is ignored, a link, a directory → the files")
    func files() throws {
        disk.write("out/step-10.ckpt", "x")
        disk.write("out/step-9.ckpt", "xy")
        disk.write("out/step-11.ckpt.tmp", "x")
        disk.write("out/other", "x")
        disk.makeDirectory("out/step-12.ckpt")
        disk.link("out/step-last.ckpt", to: "step-10.ckpt")
        let policy = CheckpointPolicy(
            path: "out/step-*", ignore: ["*.tmp*"], step: "step-(?<step>[0-9]+)")
        let found = try look(policy).found
        #expect(found.map(\.candidate.path) == ["out/step-10.ckpt", "out/step-9.ckpt"])
        #expect(found.map(\.candidate.step) == [10, 9])
        #expect(found.map(\.candidate.size) == [1, 2])
        #expect(found.allSatisfy { $0.flaw == nil })
    }

    @Test("an empty file → not a checkpoint as it stands")
    func empty() throws {
        disk.write("ckpt.pt", "")
        let flaws = try flaws(CheckpointPolicy(path: "ckpt.pt", kind: .inPlace))
        #expect(flaws == ["ckpt.pt": "it is empty"])
    }

    @Test("no such folder yet, not even the working directory → nothing found")
    func absent() throws {
        #expect(try look(CheckpointPolicy(path: "a/b/*.pt")).found.isEmpty)
        let scanner = try CandidateScanner(
            directory: disk("none"), policy: CheckpointPolicy(path: "**/*.pt"))
        #expect(try scanner.look().found.isEmpty)
    }

    @Test("a directory without a member, with an empty one, with its last one too old → flawed")
    func members() throws {
        let policy = CheckpointPolicy(
            path: "c-*", kind: .directory, members: ["model.bin", "rng_*.pkl", "state"],
            last: "done.json")
        for name in ["c-1", "c-2", "c-3", "c-4", "c-5"] {
            for file in ["model.bin", "rng_0.pkl", "state/x", "done.json"] {
                disk.write("\(name)/\(file)", "x")
                disk.touch("\(name)/\(file)", milliseconds: 1_000_000)
            }
        }
        disk.write("c-2/model.bin", "")
        disk.remove("c-3/rng_0.pkl")
        disk.touch("c-4/state/x", milliseconds: 2_000_000)
        disk.remove("c-5/done.json")
        let flaws = try flaws(policy)
        #expect(flaws["c-1"] == .some(nil))
        #expect(flaws["c-2"] == "its member model.bin is empty")
        #expect(flaws["c-3"] == "its member rng_*.pkl is missing")
        #expect(flaws["c-4"] == "its last member done.json is older than other files")
        #expect(flaws["c-5"] == "its last member done.json is missing")
    }

    @Test("a directory with a link inside → flawed by name, unless the link is ignored")
    func links() throws {
        disk.write("c-1/model.bin", "x")
        disk.link("c-1/latest", to: "model.bin")
        let policy = CheckpointPolicy(path: "c-*", kind: .directory)
        #expect(try flaws(policy)["c-1"]??.hasPrefix("c-1/latest is a link") == true)
        var ignoring = policy
        ignoring.ignore = ["latest"]
        #expect(try flaws(ignoring)["c-1"] == .some(nil))
    }

    @Test("a pattern that matches folders above → links to folders are not followed")
    func linkedFolder() throws {
        disk.write("real/a.pt", "x")
        disk.link("linked", to: "real")
        let found = try look(CheckpointPolicy(path: "*/a.pt")).found
        #expect(found.map(\.candidate.path) == ["real/a.pt"])
    }

    @Test("`**` over folders nested without end → refused, not endless")
    func nesting() throws {
        disk.makeDirectory(Array(repeating: "d", count: 30).joined(separator: "/"))
        let failure = #expect(throws: ScanFailure.self) {
            try look(CheckpointPolicy(path: "**/*.pt"))
        }
        guard case .tooMany = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("a pattern that leaves the working directory, a bad expression → refused by name")
    func badPatterns() {
        for policy in [
            CheckpointPolicy(path: "../x"), CheckpointPolicy(path: "x", step: "("),
            CheckpointPolicy(path: "x", kind: .directory, members: ["/etc/passwd"]),
        ] {
            #expect(throws: ScanFailure.self) { try look(policy) }
        }
    }
}
