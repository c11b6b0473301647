import FoundationEssentials
import Testing
import Training

@testable import Manifests

@Suite struct ManifestDecoderTests {
    static func decode(_ files: (String, String)...) -> DecodedManifests {
        ManifestDecoder.decode(files: files.map { (path: $0.0, bytes: Array($0.1.utf8)) })
    }

    static func sample(_ name: String) throws -> DecodedManifests {
        let bytes = try Golden.bytes("Good/\(name).yaml")
        return ManifestDecoder.decode(files: [(path: "\(name).yaml", bytes: bytes)])
    }

    @Test("a good sample → no error", arguments: Golden.samples(in: "Good"))
    func good(name: String) throws {
        let decoded = try ManifestDecoderTests.sample(name)
        #expect(decoded.diagnostics.map(\.description) == [])
        #expect(!decoded.isIncomplete)
    }

    @Test("the samples that newcomers start with → no error")
    func repositorySamples() throws {
        let folder = Golden.repository.appending(path: "manifests")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let files = try names.filter { $0.hasSuffix(".yaml") }.map { name in
            (path: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
        }
        let decoded = ManifestDecoder.decode(files: files)
        #expect(decoded.diagnostics.map(\.description) == [])
        #expect(!decoded.runs.isEmpty)
    }

    @Test("only name and run → every default of the spec")
    func minimal() throws {
        let decoded = try ManifestDecoderTests.sample("minimal")
        let name = try #require(RunName("a"))
        #expect(decoded.runs.map(\.spec) == [RunSpec(name: name, run: "python train.py")])
        #expect(decoded.runs.first?.location.description == "minimal.yaml:1:7")
        #expect(decoded.policy == .absent)
    }

    @Test("every field → every property")
    func full() throws {
        let other = try #require(CheckpointReference("other-run/0002-00000003"))
        let spec = RunSpec(
            name: try #require(RunName("char-gpt")), state: .stopped,
            labels: ["team": "research", "cost/center": "7"], market: .spot,
            workdir: "examples/char-gpt", setup: "pip install -r requirements.txt\n",
            run: "python train.py --out checkpoints",
            resume: "python train.py --out checkpoints --resume {checkpoint}", resumeFrom: other,
            generation: 2, onChange: .nextAttempt,
            envs: [
                "LEARNING_RATE": "3e-4", "DEBUG": "false", "LAYERS": "012", "NAME": "x y",
                "EMPTY": "",
            ],
            checkpoint: CheckpointPolicy(
                path: "checkpoints/step-*", kind: .directory,
                members: ["model.safetensors", "optimizer.pt"], last: "trainer_state.json",
                ignore: ["*.tmp*"], step: "step-(?<step>[0-9]+)", every: .minutes(5), keep: 4,
                onInvalid: .hold),
            stop: StopPolicy(signal: .INT, grace: 90, onTimeout: .proceed), interruption: .hold,
            completion: CompletionRule(
                exitCode: 3, file: "final.ckpt",
                json: CompletionRule.JSONEvidence(
                    file: "out/trainer_state.json", field: "trainer.global_step", atLeast: 4000)),
            onCompletion: .keep, retries: RetryPolicy(limit: 5, backoff: 0),
            maxDuration: .hours(72),
            suspend: Suspension(reason: "data fix", until: Timestamp("2026-12-01T00:00:00Z")),
            onRemoval: .orphan)
        #expect(try ManifestDecoderTests.sample("full").runs.map(\.spec) == [spec])
    }

    @Test("a SkyPilot task file → a run, as it is")
    func skyPilot() throws {
        let decoded = try ManifestDecoderTests.sample("skypilot")
        let spec = try #require(decoded.runs.first?.spec)
        #expect(spec.market == .spot)
        #expect(spec.workdir == ".")
        #expect(spec.envs == ["MODEL_NAME": "bert-base-uncased", "EPOCHS": "3"])
    }

    @Test("several documents of one file → all of them; null is left out")
    func severalDocuments() throws {
        let decoded = try ManifestDecoderTests.sample("several-documents")
        #expect(decoded.runs.map(\.spec.name.text) == ["a", "b"])
        #expect(decoded.policy == .declared(ScopePolicy(maxTerminations: .count(3))))
        #expect(decoded.runs.last?.spec.suspend == nil)
    }

    @Test("aliases → the anchored values; a tagged scalar is what its tag says")
    func aliases() throws {
        let spec = try #require(try ManifestDecoderTests.sample("aliases").runs.first?.spec)
        #expect(spec.envs == ["team": "research"])
        #expect(spec.stop.grace == 30)
        #expect(spec.retries.backoff == 30)
        #expect(spec.setup == "true")
    }

    @Test("a byte order mark and CRLF → read as if they were not there")
    func byteOrderMark() throws {
        let name = "byte-order-mark-and-crlf"
        let run = try #require(try ManifestDecoderTests.sample(name).runs.first)
        #expect(run.spec.run == "grüße ✓")
        #expect(run.spec.setup == "one\ntwo\n")
        #expect(run.location.column == 7)
    }

    @Test("a broken document among good ones → the good ones, its name, nothing to be pruned")
    func isolation() {
        let decoded = ManifestDecoderTests.decode(
            ("m/a.yaml", "name: a\nrun: x\n---\nname: b\nrun: 5\n---\nname: c\nrun: x\n"),
            ("m/d.yaml", "name: d\nrun: x\n"),
            ("m/e.yaml", "name: e\nrun: [\n"))
        #expect(decoded.runs.map(\.spec.name.text) == ["a", "c", "d"])
        #expect(decoded.brokenNames.map(\.text) == ["b", "e"])
        #expect(decoded.isIncomplete)
        #expect(
            decoded.diagnostics.map { $0.location?.description ?? "" }
                == ["m/a.yaml:5:6", "m/e.yaml:3:1"])
        #expect(decoded.policy == .absent)
    }

    @Test("one name in two files → neither run, an error that names the first place")
    func duplicateNames() {
        let decoded = ManifestDecoderTests.decode(
            ("m/b.yaml", "name: x\nrun: one\n"), ("m/a.yaml", "run: two\nname: x\n"))
        #expect(decoded.runs.isEmpty)
        #expect(decoded.brokenNames.map(\.text) == ["x"])
        #expect(
            decoded.diagnostics.map(\.description)
                == ["m/b.yaml:1:7: error: name: a run `x` stands at m/a.yaml:2:7 already"])
    }

    @Test(
        "a policy that is broken, doubled or hidden by broken syntax → the scope is not known",
        arguments: [
            "kind: policy\nscope: A B\n", "kind: policy\n---\nkind: policy\n", "kind: polciy\n",
            "name: [\n---\nkind: policy\n",
        ])
    func unreadablePolicy(text: String) {
        #expect(ManifestDecoderTests.decode(("p.yaml", text)).policy == .unreadable)
    }

    @Test("files in any order → the same result")
    func order() {
        let files = (0..<40).map { index in
            (path: "m/\(index % 7)/\(index).yaml", bytes: Array("name: r\(index % 30)\n".utf8))
        }
        let one = ManifestDecoder.decode(files: files)
        let other = ManifestDecoder.decode(files: files.reversed())
        #expect(one.diagnostics == other.diagnostics)
        #expect(one.brokenNames == other.brokenNames)
    }

    @Test("a file with thousands of errors → the first hundred and a count")
    func manyErrors() {
        let text = (0..<2000).map { "k\($0): 1\n" }.joined()
        let diagnostics = ManifestDecoderTests.decode(("m.yaml", text)).diagnostics
        #expect(diagnostics.count == ReadingLimits.findings + 1)
        #expect(diagnostics.last?.message == "1902 more errors in this file")
    }
}
