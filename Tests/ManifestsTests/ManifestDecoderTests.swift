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

    @Test(
        "the samples that newcomers start with → no error",
        arguments: ["manifests", "examples/ec2/manifests"])
    func repositorySamples(path: String) throws {
        let folder = Golden.repository.appending(path: path)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let files = try names.filter { $0.hasSuffix(".yaml") }.map { name in
            (path: name, bytes: Array(try Data(contentsOf: folder.appending(path: name))))
        }
        let decoded = ManifestDecoder.decode(files: files)
        #expect(decoded.diagnostics.map(\.description) == [])
        #expect(!decoded.runs.isEmpty)
        #expect(decoded.policy != .absent)
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
            profile: "gpu-us-east-1", resources: Self.fullResources,
            workdir: "examples/char-gpt", setup: "pip install -r requirements.txt\n",
            run: "python train.py --out checkpoints",
            resume: "python train.py --out checkpoints --resume {checkpoint}", resumeFrom: other,
            generation: 2, onChange: .nextAttempt,
            envs: [
                "LEARNING_RATE": "3e-4", "DEBUG": "false", "LAYERS": "012", "NAME": "x y",
                "EMPTY": "",
            ],
            secrets: [
                "WANDB_API_KEY": try #require(SecretReference("ssm:/research/wandb"))
            ],
            fileMounts: [
                FileMount(
                    path: "/data/set", source: try #require(S3Location("s3://bucket/set"))),
                FileMount(path: "/opt/models", source: try #require(S3Location("s3://bucket"))),
            ],
            checkpoint: CheckpointPolicy(
                path: "checkpoints/step-*", kind: .directory,
                members: ["model.safetensors", "optimizer.pt"], last: "trainer_state.json",
                ignore: ["*.tmp*"], format: .files,
                step: "step-(?<step>[0-9]+)", every: .minutes(5), keep: 4,
                onInvalid: .hold),
            stop: StopPolicy(signal: .INT, grace: 90, onTimeout: .proceed), interruption: .hold,
            completion: CompletionRule(
                exitCode: 3, file: "final.ckpt",
                json: CompletionRule.JSONEvidence(
                    file: "out/trainer_state.json", field: "trainer.global_step", atLeast: 4000)),
            onCompletion: .keep, onFailure: .keep(.hours(2)),
            retries: RetryPolicy(limit: 5, backoff: 0),
            maxDuration: .hours(72),
            suspend: Suspension(reason: "data fix", until: Timestamp("2026-12-01T00:00:00Z")),
            onRemoval: .orphan)
        #expect(try ManifestDecoderTests.sample("full").runs.map(\.spec) == [spec])
    }

    static var fullResources: Resources {
        Resources(
            choices: [
                MachineChoice(
                    accelerators: Accelerators(name: "A10G", count: 1),
                    instanceType: "g5.xlarge", region: "us-east-1"),
                MachineChoice(
                    accelerators: Accelerators(name: "L4", count: 2), region: "us-west-2",
                    zone: "us-west-2b", market: .onDemand),
            ],
            isOrdered: true, fallback: .onDemand,
            maxHourlyCost: Dollars(micros: 2_500_000), diskSize: 200,
            image: ImageReference("ssm:/research/image"),
            labels: ["cost-center": "ml"])
    }

    @Test("every field of a profile → every property; only name and region → its defaults")
    func profiles() throws {
        let profile = Profile(
            name: "gpu-us-east-1", region: "us-east-1", zones: ["us-east-1a", "us-east-1c"],
            subnets: ["subnet-0123456789abcdef0", "subnet-0123abcd"],
            securityGroups: ["sg-0123456789abcdef0"],
            image: ImageReference("ami-0123456789abcdef0"),
            instanceProfile: "arn:aws:iam::123456789012:instance-profile/team/holdfast",
            keyName: "somebody's key",
            trainer: TrainerAccount(user: "researcher", readsMetadata: true),
            tags: ["cost-center": "ml", "owner:mail": "a@example.org", "empty": ""])
        #expect(try ManifestDecoderTests.sample("full").profiles == ["gpu-us-east-1": profile])
        #expect(
            try ManifestDecoderTests.sample("profile").profiles
                == ["gpu": Profile(name: "gpu", region: "us-gov-west-1")])
    }

    @Test("a policy with its state → bucket, prefix and region")
    func policy() throws {
        let state = try #require(S3Location("s3://acme-holdfast/research"))
        #expect(
            try ManifestDecoderTests.sample("policy").policy
                == .declared(
                    ScopePolicy(
                        scope: "research", maxTerminations: .percent(35), maxLaunches: 7,
                        state: state, stateRegion: "eu-central-1")))
    }

    @Test("a profile that nobody can have → its runs are refused, the others go on")
    func refusedProfiles() {
        let run = "run: x\nprofile: gpu\n"
        let profile = "kind: profile\nname: gpu\nregion: us-east-1\n"
        for (text, part) in [
            ("", "there is no document"), (profile + "zones: 5\n", "is refused, see m/p.yaml:2:7"),
            (profile + "---\n" + profile, "is refused, see m/p.yaml:2:7"),
            ("kind: profile\nname: [", "no document that can be read"),
        ] {
            let decoded = ManifestDecoderTests.decode(
                ("m/a.yaml", "name: a\n" + run), ("m/b.yaml", "name: b\nrun: x\n"),
                ("m/p.yaml", text))
            #expect(decoded.runs.map(\.spec.name.text) == ["b"])
            #expect(decoded.brokenNames.map(\.text) == ["a"])
            #expect(decoded.isIncomplete)
            let own = decoded.diagnostics.filter { $0.location?.file == "m/a.yaml" }
            #expect(own.map { $0.location?.description } == ["m/a.yaml:3:10"])
            #expect(own.allSatisfy { $0.message.contains(part) }, "\(own)")
        }
    }

    @Test("some files of a repository → a profile may be in another one, a refused one is not had")
    func partOfRepository() {
        let run: [UInt8] = Array("name: a\nrun: x\nprofile: gpu\n".utf8)
        let alone = ManifestDecoder.decode(files: [(path: "a.yaml", bytes: run)], isWhole: false)
        #expect(alone.diagnostics.isEmpty)
        #expect(alone.runs.count == 1)
        let broken = Array("kind: profile\nname: gpu\n".utf8)
        let both = ManifestDecoder.decode(
            files: [(path: "a.yaml", bytes: run), (path: "p.yaml", bytes: broken)], isWhole: false)
        #expect(both.diagnostics.count == 2)
    }

    @Test("task files of SkyPilot → the machines that they ask for")
    func skyPilotResources() throws {
        let anyOf = try #require(try Self.sample("skypilot-any-of").runs.first?.spec)
        let gpu = Accelerators(name: "V100", count: 1)
        #expect(
            anyOf.resources.choices == [
                MachineChoice(accelerators: gpu, region: "us-east-1"),
                MachineChoice(accelerators: gpu, region: "us-west-2", zone: "us-west-2b"),
                MachineChoice(accelerators: gpu, region: "us-east-1", market: .onDemand),
            ])
        #expect(anyOf.market == .spot)
        #expect(!anyOf.resources.isOrdered)
        #expect(anyOf.retries.limit == 3)
        let ordered = try #require(try Self.sample("skypilot-ordered").runs.first?.spec)
        #expect(
            ordered.resources.choices == [
                MachineChoice(accelerators: Accelerators(name: "H100", count: 8)),
                MachineChoice(accelerators: Accelerators(name: "A100-80GB", count: 8)),
                MachineChoice(
                    instanceType: "p4d.24xlarge", region: "us-east-1", zone: "us-east-1d"),
            ])
        #expect(ordered.resources.isOrdered)
        #expect(ordered.retries == RetryPolicy())
        let region = try #require(try Self.sample("skypilot-region").runs.first?.spec)
        #expect(
            region.resources.choices == [
                MachineChoice(
                    accelerators: Accelerators(name: "T4", count: 1), region: "eu-west-1",
                    zone: "eu-west-1b")
            ])
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

    @Test("a directive behind a byte order mark → refused as without one")
    func markedDirective() {
        let text = "%TAG ! tag:example.com,2026:\n---\nname: a\nrun: x\n"
        let found = ManifestDocuments.parse(Array("\u{FEFF}\(text)".utf8)).findings
        #expect(found == ManifestDocuments.parse(Array(text.utf8)).findings)
        #expect(found.count == 1)
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
