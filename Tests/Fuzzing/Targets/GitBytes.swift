import CLibGit2
import CMemoryPack
import Training

@testable import GitSource

extension FuzzTarget {
    /// Git's objects as somebody pushed them: the bytes of a tree, a commit or a tag, read for
    /// manifests and archived as a run's source.
    static let git = FuzzTarget("git", longest: 2048) { bytes in
        let store = try MemoryRepository()
        let file = try store.add(Array("name: a\nrun: x\n".utf8), GIT_OBJECT_BLOB)
        let link = try store.add(Array("../link".utf8), GIT_OBJECT_BLOB)
        _ = try store.add(
            MemoryRepository.line("100755 run.sh", file) + MemoryRepository.line("120000 up", link),
            GIT_OBJECT_TREE)
        let tree = try store.add(bytes, GIT_OBJECT_TREE)
        let root = try store.add(MemoryRepository.line("40000 manifests", tree), GIT_OBJECT_TREE)
        let text = "tree \(root.hex)\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n"
        let commit = try store.add(Array(text.utf8), GIT_OBJECT_COMMIT)
        try requireWalked(commit, in: store.reader)
        try requireArchived(tree, in: store.reader)
        for kind in [GIT_OBJECT_COMMIT, GIT_OBJECT_TAG] {
            let id = try store.add(bytes, kind)
            if let found = (try? store.reader.commit(id)) ?? nil {
                _ = try? store.reader.root(ofCommit: found)
            }
        }
    }

    private static func requireWalked(_ commit: git_oid, in reader: ObjectReader) throws {
        let files: [SourceSnapshot.File]
        do {
            files = try ManifestWalk.files(
                below: "manifests", ofCommit: commit, reader: reader, limits: SourceLimits())
        } catch let failure {
            return try requireClean("\(failure)")
        }
        for file in files {
            try require(file.path.hasPrefix("manifests/"), "a file of another folder")
            try require(
                file.path.hasSuffix(".yaml") || file.path.hasSuffix(".yml"), "no manifest file")
            try requireClean(file.path)
        }
    }

    private static func requireArchived(_ tree: git_oid, in reader: ObjectReader) throws {
        let limit = 64 << 10
        let archive: [UInt8]
        do {
            archive = try TreeArchive.bytes(ofTree: tree, reader: reader, limit: limit)
        } catch let failure {
            return try requireClean("\(failure)")
        }
        try require(archive.count <= limit, "an archive beyond its limit")
        let again = try TreeArchive.bytes(ofTree: tree, reader: reader, limit: limit)
        try require(archive == again, "one tree has two archives")
        guard let members = TarMembers(gzip: archive) else {
            throw BrokenProperty("an archive that cannot be read")
        }
        for path in members.paths {
            let parts = path.split(separator: 47, omittingEmptySubsequences: false)
            try require(
                path.first != 47 && !parts.contains { $0.elementsEqual("..".utf8) },
                "an archive that leaves its folder")
        }
        try require(Set(members.paths).count == members.paths.count, "a path is unpacked twice")
    }
}

/// A repository in memory, for one input.
private final class MemoryRepository {
    let reader: ObjectReader
    private let database: GitHandle

    init() throws {
        guard GitLibrary.isReady else { throw BrokenProperty("libgit2 does not start") }
        let database = try GitCall.make("make a database", release: git_odb_free) {
            git_odb_new(&$0)
        }
        var backend: OpaquePointer?
        guard git_mempack_new(&backend) == 0,
            git_odb_add_backend(database.pointer, backend, 1) == 0
        else { throw BrokenProperty("libgit2 keeps no objects in memory") }
        self.database = database
        reader = try ObjectReader(
            try GitCall.make("make a repository", release: git_repository_free) {
                git_repository_wrap_odb(&$0, database.pointer)
            })
    }

    func add(_ bytes: [UInt8], _ kind: git_object_t) throws -> git_oid {
        var id = git_oid()
        try GitCall.attempt(
            "add an object", git_odb_write(&id, database.pointer, bytes, bytes.count, kind))
        return id
    }

    /// An entry of a tree: mode and name, then the raw id.
    static func line(_ text: String, _ id: git_oid) -> [UInt8] {
        Array(text.utf8) + [0] + withUnsafeBytes(of: id.id) { Array($0) }
    }
}
