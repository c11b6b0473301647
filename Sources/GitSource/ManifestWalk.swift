import CLibGit2
import Training

/// Finds the manifest files below a folder of a commit: reads trees, never checks anything out.
struct ManifestWalk {
    private let reader: ObjectReader
    private let limits: SourceLimits
    private var files: [SourceSnapshot.File] = []
    private var entries = 0

    private init(reader: ObjectReader, limits: SourceLimits) {
        self.reader = reader
        self.limits = limits
    }

    /// Every `.yaml` and `.yml` file below `path`, sorted by path.
    ///
    /// Throws `.refused` by name for a symlink or a submodule anywhere below it.
    static func files(
        below path: String, ofCommit commit: git_oid, reader: ObjectReader, limits: SourceLimits
    ) throws(SourceFailure) -> [SourceSnapshot.File] {
        guard let folder = try folder(path, ofCommit: commit, reader: reader) else {
            throw .pathNotFound(path)
        }
        var walk = ManifestWalk(reader: reader, limits: limits)
        try walk.visit(folder, at: path, depth: 0)
        return walk.files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// The tree at `path`; nil when there is none, `.refused` when it leads over a symlink.
    static func folder(
        _ path: String, ofCommit commit: git_oid, reader: ObjectReader
    ) throws(SourceFailure) -> git_oid? {
        var tree = try reader.root(ofCommit: commit)
        for part in path.pathNames {
            let entries = try reader.entries(ofTree: tree)
            guard let entry = entries.first(where: { $0.name.elementsEqual(part.utf8) }) else {
                return nil
            }
            switch entry.kind {
            case .folder: tree = entry.id
            case .symlink: throw .refused("\(part) of \(path) is a symlink")
            case .submodule: throw .refused("\(part) of \(path) is a submodule")
            case .file, .unknown: return nil
            }
        }
        return tree
    }

    private mutating func visit(
        _ tree: git_oid, at path: String, depth: Int
    ) throws(SourceFailure) {
        guard depth <= limits.depth else {
            throw .tooLarge("\(path) is deeper than \(limits.depth) folders")
        }
        for entry in try reader.entries(ofTree: tree) {
            entries += 1
            guard entries <= limits.entries else {
                throw .tooLarge("more than \(limits.entries) entries in the manifests' folder")
            }
            guard let name = entry.text else {
                throw .refused("a name in \(path.isEmpty ? "the root" : path) is not plain text")
            }
            let child = path.isEmpty ? name : path + "/" + name
            switch entry.kind {
            case .folder: try visit(entry.id, at: child, depth: depth + 1)
            case .file: try add(child, entry.id)
            case .symlink: throw .refused("\(child) is a symlink; put the file itself there")
            case .submodule: throw .refused("\(child) is a submodule; put the files there")
            case .unknown: throw .refused("\(child) has an unknown mode")
            }
        }
    }

    private mutating func add(_ path: String, _ id: git_oid) throws(SourceFailure) {
        guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { return }
        guard files.count < limits.files else {
            throw .tooLarge("more than \(limits.files) manifest files")
        }
        files.append(SourceSnapshot.File(path: path, blob: id.hex))
    }
}
