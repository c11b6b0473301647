import Glibc
import Logging
import Processes
import Synchronization
import TestSupport
import Testing
import Training

@testable import Supervision

struct MountFetcherTests {
    /// Objects in memory, counted as they are fetched.
    private final class Bucket: MountSource, MountedPlace {
        private let state: Mutex<(files: [String: String], fetched: [String])>
        private let failing: StoreFailure?

        init(_ files: [String: String], failing: StoreFailure? = nil) {
            state = Mutex((files, []))
            self.failing = failing
        }

        var fetched: [String] { state.withLock { $0.fetched.sorted() } }

        func change(_ name: String, to text: String) {
            state.withLock { $0.files[name] = text }
        }

        func open(_ location: S3Location) async throws(StoreFailure) -> any MountedPlace { self }

        func objects() async throws(StoreFailure) -> [MountedObject] {
            state.withLock { state in
                state.files.sorted { $0.key < $1.key }.map { name, text in
                    MountedObject(
                        name: name, key: "set/\(name)", size: text.utf8.count,
                        etag: ETag(Digest(of: text).hex))
                }
            }
        }

        func fetch(
            _ object: MountedObject, to path: String, progress: @escaping @Sendable (Int) -> Void
        ) async throws(StoreFailure) -> Digest {
            let text = state.withLock { state in
                state.fetched.append(object.name)
                return state.files[object.name] ?? ""
            }
            if let failing, object.name == "b/two" { throw failing }
            do throws(FileFailure) {
                try OpenFile(path, .create).write(Array(text.utf8))
            } catch {
                throw .local("\(error)")
            }
            progress(object.size)
            return Digest(of: text)
        }
    }

    private static let files = ["a": "one", "b/two": "two", "b/c/three": "three"]

    private func fetch(_ bucket: Bucket, in folder: TemporaryDirectory) async throws -> StepResult {
        let clock = TestClock()
        let fetcher = MountFetcher(
            source: bucket, disk: try MachineDisk(root: folder("disk")), account: nil,
            clock: clock,
            logger: Logger(label: "test") { _ in
                JournalHandler(path: folder("journal"), clock: clock)
            },
            tell: { _ in })
        return await fetcher.fetch([try mount(in: folder)], within: .seconds(10))
    }

    private func mount(in folder: TemporaryDirectory) throws -> FileMount {
        FileMount(
            path: folder("deep/data"), source: try #require(S3Location("s3://bucket/set")))
    }

    /// What a person takes of the files: `sha256sum`, in the order of their names' bytes.
    private func taken(in path: String) throws -> String {
        let line = "find . -type f -printf '%P\\0' | sort -z | xargs -0 sha256sum | sha256sum"
        let result = try ToolProcess.run(
            ["bash", "-c", "cd '\(path)' && \(line)"],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"])
        return String(result.output.prefix { $0 != " " })
    }

    @Test("a mount → every object below its path, and the digest of all their bytes in the log")
    func fetched() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await fetch(Bucket(MountFetcherTests.files), in: folder) == .done)
        for (name, text) in MountFetcherTests.files {
            #expect(folder.text("deep/data/\(name)") == text)
        }
        #expect(try FileSystem.list(folder("deep")) == ["data"])
        let digest = try taken(in: folder("deep/data"))
        #expect(digest.utf8.count == 64)
        #expect(folder.text("journal")?.contains(digest) == true)
    }

    @Test("the same listing again → kept; another → replaced as a whole")
    func again() async throws {
        let folder = try TemporaryDirectory()
        let bucket = Bucket(MountFetcherTests.files)
        #expect(try await fetch(bucket, in: folder) == .done)
        folder.write("deep/data/own", "the trainer's")
        #expect(try await fetch(bucket, in: folder) == .done)
        #expect(bucket.fetched.count == 3)
        #expect(folder.exists("deep/data/own"))
        bucket.change("a", to: "other")
        #expect(try await fetch(bucket, in: folder) == .done)
        #expect(bucket.fetched.count == 6)
        #expect(folder.text("deep/data/a") == "other")
        #expect(!folder.exists("deep/data/own"))
    }

    @Test("a file is there that we did not put there → refused, it stays")
    func foreign() async throws {
        let folder = try TemporaryDirectory()
        folder.write("deep/data/mine", "mine")
        let result = try await fetch(Bucket(MountFetcherTests.files), in: folder)
        guard case .invalid(let reason) = result else {
            Issue.record("not refused: \(result)")
            return
        }
        #expect(reason.contains(folder("deep/data")))
        #expect(folder.text("deep/data/mine") == "mine")
        #expect(try FileSystem.list(folder("deep")) == ["data"])
    }

    /// Never gives what it lists.
    private struct Endless: MountSource, MountedPlace {
        func open(_ location: S3Location) async throws(StoreFailure) -> any MountedPlace { self }

        func objects() async throws(StoreFailure) -> [MountedObject] {
            [MountedObject(name: "a", key: "set/a", size: 1, etag: ETag("a"))]
        }

        func fetch(
            _ object: MountedObject, to path: String, progress: @escaping @Sendable (Int) -> Void
        ) async throws(StoreFailure) -> Digest {
            try? await Task.sleep(for: .seconds(600))
            throw .unavailable("cancelled")
        }
    }

    private func fetcher(
        _ source: any MountSource, in folder: TemporaryDirectory, as account: Account? = nil
    ) throws -> MountFetcher {
        MountFetcher(
            source: source, disk: try MachineDisk(root: folder("disk")), account: account,
            clock: TestClock(), logger: Logger(label: "test"), tell: { _ in })
    }

    @Test("a fetch takes longer than it may → given up, nothing is left")
    func tooLong() async throws {
        let folder = try TemporaryDirectory()
        let began = ContinuousClock.now
        let result = try await fetcher(Endless(), in: folder).fetch(
            [mount(in: folder)], within: .milliseconds(200))
        #expect(result == .failed("not all there after 0.2 seconds"))
        #expect(ContinuousClock.now - began < .seconds(60))
        #expect(try FileSystem.list(folder("deep")) == [])
    }

    @Test("a parent folder that others may change → refused; root's own, or a link of root's → not")
    func openParents() throws {
        let folder = try TemporaryDirectory()
        folder.makeDirectory("root/sub")
        folder.makeDirectory("shared")
        folder.link("link", to: folder("root"))
        folder.link("astray", to: folder("shared"))
        chmod(folder("shared"), 0o777)
        #expect(try MountFetcher.openPart(of: folder("root/sub/new")) == nil)
        #expect(try MountFetcher.openPart(of: folder("link/sub")) == nil)
        #expect(try MountFetcher.openPart(of: folder("shared/sub")) == folder("shared"))
        #expect(try MountFetcher.openPart(of: folder("astray/sub")) == folder("shared"))
    }

    @Test(
        "a parent folder of the trainer's → refused by name, nothing is made",
        .enabled(if: Account.canSwitch, "only root becomes somebody else"))
    func trainersParent() async throws {
        let nobody = try #require(Account(named: "nobody"))
        let folder = try TemporaryDirectory()
        folder.makeDirectory("deep")
        chown(folder("deep"), nobody.user, nobody.group)
        let bucket = Bucket(MountFetcherTests.files)
        let result = try await fetcher(bucket, in: folder, as: nobody).fetch(
            [mount(in: folder)], within: .seconds(10))
        guard case .invalid(let reason) = result else {
            Issue.record("not refused: \(result)")
            return
        }
        #expect(reason.contains("\(folder("deep")) is not this process's alone"))
        #expect(try FileSystem.list(folder("deep")) == [])
        #expect(bucket.fetched.isEmpty)
    }

    @Test("an object changes on the way → nothing is placed, tried again later")
    func changed() async throws {
        let folder = try TemporaryDirectory()
        let bucket = Bucket(
            MountFetcherTests.files, failing: .corrupt(key: "set/b/two", detail: "changed"))
        guard case .failed = try await fetch(bucket, in: folder) else {
            Issue.record("not to be tried again")
            return
        }
        #expect(try FileSystem.list(folder("deep")) == [])
    }

    @Test("the location is one object → the path is a file")
    func oneFile() async throws {
        let folder = try TemporaryDirectory()
        let bucket = Bucket(["weights": "one"])
        let location = try #require(S3Location("s3://bucket/set/weights"))
        let clock = TestClock()
        let fetcher = MountFetcher(
            source: bucket, disk: try MachineDisk(root: folder("disk")), account: nil,
            clock: clock, logger: Logger(label: "test"), tell: { _ in })
        let mount = FileMount(path: folder("w/weights.bin"), source: location)
        #expect(await fetcher.fetch([mount], within: .seconds(10)) == .done)
        #expect(folder.text("w/weights.bin") == "one")
        #expect(try FileSystem.list(folder("w")) == ["weights.bin"])
    }

    @Test(
        "a path in the system's folders → refused",
        arguments: ["/etc/cron.d", "/usr/local/x", "/", "data", "/data/../etc", "/etc/\u{301}x"])
    func system(path: String) {
        #expect(!MountFetcher.mayHold(path))
        #expect(MountFetcher.mayHold("/data/etc"))
    }
}
