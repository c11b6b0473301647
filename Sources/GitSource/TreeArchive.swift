import CLibGit2
import Training

/// A tree as `.tar.gz`: the same bytes for the same tree on every machine and at every time.
struct TreeArchive {
    private let reader: ObjectReader
    private let limit: Int
    private var gzip = StoredGzip()

    private init(reader: ObjectReader, limit: Int) {
        self.reader = reader
        self.limit = limit
    }

    /// Folders inside each other: beyond this a tree is hostile.
    private static let greatestDepth = 100

    /// Throws `.tooLarge` before it holds more than `limit` bytes besides one file of the tree.
    static func bytes(
        ofTree tree: git_oid, reader: ObjectReader, limit: Int
    ) throws(SourceFailure) -> [UInt8] {
        var archive = TreeArchive(reader: reader, limit: limit)
        try archive.add(tree: tree, prefix: [], depth: 0)
        try archive.append(TarRecord.end)
        archive.gzip.finish()
        return archive.gzip.output
    }

    private mutating func add(
        tree: git_oid, prefix: [UInt8], depth: Int
    ) throws(SourceFailure) {
        guard depth <= TreeArchive.greatestDepth else {
            throw .tooLarge("the source is deeper than \(TreeArchive.greatestDepth) folders")
        }
        var names: Set<[UInt8]> = []
        for entry in try reader.entries(ofTree: tree) {
            let path = prefix + entry.name
            // A doubled name could put a symlink under a folder's files when it is unpacked.
            guard TreeArchive.isSafe(entry.name), names.insert(entry.name).inserted else {
                throw .refused("the name \(TreeArchive.shown(path)) cannot be unpacked safely")
            }
            switch entry.kind {
            case .folder:
                try append(TarRecord(name: path + [UInt8(ascii: "/")], kind: .folder).header)
                try add(tree: entry.id, prefix: path + [UInt8(ascii: "/")], depth: depth + 1)
            case .file(let isExecutable):
                try add(file: entry.id, path: path, isExecutable: isExecutable)
            case .symlink: try add(symlink: entry.id, path: path, depth: depth)
            case .submodule:
                throw .refused(
                    "\(TreeArchive.shown(path)) is a submodule, whose files are not in this "
                        + "repository; put them there or choose another workdir")
            case .unknown:
                throw .refused("\(TreeArchive.shown(path)) has an unknown mode")
            }
        }
    }

    private mutating func add(
        file id: git_oid, path: [UInt8], isExecutable: Bool
    ) throws(SourceFailure) {
        let size = try reader.size(ofBlob: id)
        try reserve(size)
        let kind = TarRecord.Kind.file(size: size, isExecutable: isExecutable)
        try append(TarRecord(name: path, kind: kind).header)
        try append(try reader.bytes(ofBlob: id))
        try append(TarRecord.padding(after: size))
    }

    private mutating func add(
        symlink id: git_oid, path: [UInt8], depth: Int
    ) throws(SourceFailure) {
        guard try reader.size(ofBlob: id) <= 4096 else {
            throw .refused("\(TreeArchive.shown(path)) is a symlink with an overlong target")
        }
        let target = try reader.bytes(ofBlob: id)
        guard TreeArchive.staysInside(target, depth: depth) else {
            throw .refused("\(TreeArchive.shown(path)) is a symlink that leaves its folder tree")
        }
        try append(TarRecord(name: path, kind: .symlink(target: target)).header)
    }

    private mutating func append(_ bytes: [UInt8]) throws(SourceFailure) {
        try reserve(bytes.count)
        gzip.add(bytes)
    }

    private func reserve(_ count: Int) throws(SourceFailure) {
        guard gzip.size(adding: count) <= limit else {
            throw .tooLarge("the source's archive is larger than \(limit) bytes")
        }
    }

    private static func isSafe(_ name: [UInt8]) -> Bool {
        !name.isEmpty && !name.contains(UInt8(ascii: "/")) && name != Array(".".utf8)
            && name != Array("..".utf8)
    }

    /// Whether a symlink in a folder at `depth` cannot lead out, whatever else is in the tree.
    ///
    /// `..` only at the start: there each one leaves a real folder. After a name it could leave
    /// the target of another symlink instead.
    static func staysInside(_ target: [UInt8], depth: Int) -> Bool {
        guard let first = target.first, first != UInt8(ascii: "/"), !target.contains(0) else {
            return false
        }
        let parts = target.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }
        let up = Array("..".utf8)[...]
        let leading = parts.prefix { $0 == up }.count
        return leading <= depth && !parts.dropFirst(leading).contains(up)
    }

    private static func shown(_ path: [UInt8]) -> String {
        let scalars = String(decoding: path, as: UTF8.self).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
