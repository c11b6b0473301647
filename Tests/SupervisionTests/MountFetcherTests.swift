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
        ) async throws(StoreFailure) {
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
        return await fetcher.fetch([try mount(in: folder)])
    }

    private func mount(in folder: TemporaryDirectory) throws -> FileMount {
        FileMount(
            path: folder("deep/data"), source: try #require(S3Location("s3://bucket/set")))
    }

    @Test("a mount → every object below its path, and the listing's digest in the log")
    func fetched() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await fetch(Bucket(MountFetcherTests.files), in: folder) == .done)
        for (name, text) in MountFetcherTests.files {
            #expect(folder.text("deep/data/\(name)") == text)
        }
        #expect(try FileSystem.list(folder("deep")) == ["data"])
        #expect(folder.text("journal")?.contains("\"listing\"") == true)
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
        #expect(await fetcher.fetch([mount]) == .done)
        #expect(folder.text("w/weights.bin") == "one")
        #expect(try FileSystem.list(folder("w")) == ["weights.bin"])
    }

    @Test(
        "a path in the system's folders → refused",
        arguments: ["/etc/cron.d", "/usr/local/x", "/", "data", "/data/../etc"])
    func system(path: String) {
        #expect(!MountFetcher.mayHold(path))
        #expect(MountFetcher.mayHold("/data/etc"))
    }
}
