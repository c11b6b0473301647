import TestSupport
import Testing
import Training

@testable import Local

@Suite struct DirectoryMetadataTests {
    private let directory: TemporaryDirectory
    private let metadata: DirectoryMetadata

    init() throws {
        directory = try TemporaryDirectory()
        metadata = DirectoryMetadata(path: directory.path)
    }

    @Test("an empty directory → no identity, which is an error; no notice, which is normal")
    func empty() async throws {
        await #expect(throws: MetadataFailure.self) { try await metadata.identity() }
        #expect(try await metadata.notice() == nil)
        #expect(try await metadata.tag("a") == nil)
    }

    @Test("both notices → the sooner one")
    func both() async throws {
        let files = MetadataDirectory(path: directory.path)
        let late = Notice(kind: .shutdown, deadline: Timestamp(milliseconds: 2000))
        let soon = Notice(kind: .spotInterruption, deadline: Timestamp(milliseconds: 1000))
        try files.write(late)
        #expect(try await metadata.notice() == late)
        try files.write(soon)
        #expect(try await metadata.notice() == soon)
        try files.removeNotices()
        #expect(try await metadata.notice() == nil)
    }

    @Test("a notice that cannot be read → an error, never no notice")
    func malformed() async throws {
        directory.write("spot-instance-action", "{\"action\": ")
        await #expect(throws: MetadataFailure.self) { try await metadata.notice() }
    }

    @Test("user data beyond 16 KiB → an error")
    func userData() async throws {
        for name in ["instance-id", "boot-id"] { directory.write(name, "x") }
        directory.write("user-data", Array(repeating: 1, count: 16 << 10))
        #expect(try await metadata.identity().userData.count == 16 << 10)
        directory.write("user-data", Array(repeating: 1, count: 16 << 10 + 1))
        await #expect(throws: MetadataFailure.self) { try await metadata.identity() }
    }
}
