import CLibGit2
import Training

/// Reads commits, trees and blobs of one repository by id, each within a bound.
///
/// Confined to the thread of the `GitRepository` that holds it.
final class ObjectReader {
    let repository: GitHandle
    private let database: GitHandle

    init(_ repository: GitHandle) throws(SourceFailure) {
        self.repository = repository
        database = try GitCall.make("open the objects", release: git_odb_free) {
            git_repository_odb(&$0, repository.pointer)
        }
    }

    func holds(_ id: git_oid) -> Bool {
        var id = id
        return git_odb_exists(database.pointer, &id) == 1
    }

    /// The commit that a commit or an annotated tag leads to; nil when it leads elsewhere.
    func commit(_ id: git_oid) throws(SourceFailure) -> git_oid? {
        let object = try lookup(id)
        var peeled: OpaquePointer?
        guard git_object_peel(&peeled, object.pointer, GIT_OBJECT_COMMIT) == 0, let peeled else {
            return nil
        }
        defer { git_object_free(peeled) }
        return git_object_id(peeled)?.pointee
    }

    /// The root tree of a commit.
    func root(ofCommit id: git_oid) throws(SourceFailure) -> git_oid {
        var id = id
        let commit = try GitCall.make("read commit \(id.hex)", release: git_commit_free) {
            git_commit_lookup(&$0, repository.pointer, &id)
        }
        guard let tree = git_commit_tree_id(commit.pointer) else {
            throw .damaged("commit \(id.hex) has no tree")
        }
        return tree.pointee
    }

    /// The entries of a tree in its own order.
    func entries(ofTree id: git_oid) throws(SourceFailure) -> [TreeEntry] {
        var id = id
        let tree = try GitCall.make("read tree \(id.hex)", release: git_tree_free) {
            git_tree_lookup(&$0, repository.pointer, &id)
        }
        return (0..<git_tree_entrycount(tree.pointer)).compactMap { index in
            guard let entry = git_tree_entry_byindex(tree.pointer, index),
                let name = git_tree_entry_name(entry), let id = git_tree_entry_id(entry)
            else { return nil }
            let mode = git_tree_entry_filemode_raw(entry)
            return TreeEntry(
                name: Array(UnsafeBufferPointer(start: name, count: length(of: name)))
                    .map { UInt8(bitPattern: $0) }, mode: UInt32(mode.rawValue), id: id.pointee)
        }
    }

    /// The size of a blob, without reading it.
    func size(ofBlob id: git_oid) throws(SourceFailure) -> Int {
        var id = id
        var size = 0
        var type = GIT_OBJECT_INVALID
        let code = git_odb_read_header(&size, &type, database.pointer, &id)
        try GitCall.attempt("read blob \(id.hex)", code)
        guard type == GIT_OBJECT_BLOB else { throw .damaged("\(id.hex) is not a blob") }
        return size
    }

    /// The bytes of a blob, whose size the caller has checked before.
    func bytes(ofBlob id: git_oid) throws(SourceFailure) -> [UInt8] {
        var id = id
        let blob = try GitCall.make("read blob \(id.hex)", release: git_blob_free) {
            git_blob_lookup(&$0, repository.pointer, &id)
        }
        let size = Int(git_blob_rawsize(blob.pointer))
        guard size > 0, let start = git_blob_rawcontent(blob.pointer) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: size))
    }

    private func lookup(_ id: git_oid) throws(SourceFailure) -> GitHandle {
        var id = id
        return try GitCall.make("read object \(id.hex)", release: git_object_free) {
            git_object_lookup(&$0, repository.pointer, &id, GIT_OBJECT_ANY)
        }
    }

    private func length(of name: UnsafePointer<CChar>) -> Int {
        var length = 0
        while name[length] != 0 { length += 1 }
        return length
    }
}

/// One line of a tree.
struct TreeEntry {
    enum Kind {
        case folder
        case file(isExecutable: Bool)
        case symlink
        case submodule
        case unknown
    }

    let name: [UInt8]
    let mode: UInt32
    let id: git_oid

    var kind: Kind {
        switch mode & 0o170000 {
        case 0o040000: .folder
        case 0o100000: .file(isExecutable: mode & 0o100 != 0)
        case 0o120000: .symlink
        case 0o160000: .submodule
        default: .unknown
        }
    }

    /// The name for people and keys; nil when it is not plain UTF-8 text.
    var text: String? {
        guard let text = String(validating: name, as: UTF8.self),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        return text
    }
}
