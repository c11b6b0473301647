import Glibc
import Training

/// Manifest files of a work tree, for `validate`: as they lie there, committed or not.
enum ManifestFiles {
    static let fileLimit = 10_000
    /// One byte more than a manifest may have, so that the decoder refuses what is larger.
    static let byteLimit = (1 << 20) + 1

    typealias File = (path: String, bytes: [UInt8])

    /// The files that `paths` name, folders searched at every depth; without a path those of
    /// `folder`, below the current folder or else below the root of the work tree.
    static func read(
        _ paths: [String], orFolder folder: String, in surroundings: Surroundings
    ) throws(CommandFailure) -> [File] {
        var names: [String] = []
        for path in paths.isEmpty ? [try found(folder, surroundings)] : paths {
            try collect(path, surroundings, into: &names)
        }
        var files: [File] = []
        for name in names {
            files.append((name, try content(surroundings.absolute(name))))
        }
        return files
    }

    private static func found(
        _ folder: String, _ surroundings: Surroundings
    ) throws(CommandFailure) -> String {
        if isDirectory(surroundings.absolute(folder)) { return folder }
        if let root = WorkTree.root(above: surroundings.directory),
            isDirectory(root + "/" + folder)
        {
            return root + "/" + folder
        }
        throw CommandFailure(
            "there is no folder \(folder) here",
            advice: "name files or folders to check, or the folder with --path")
    }

    private static func collect(
        _ path: String, _ surroundings: Surroundings, into names: inout [String]
    ) throws(CommandFailure) {
        guard isDirectory(surroundings.absolute(path)) else {
            guard access(surroundings.absolute(path), F_OK) == 0 else {
                throw CommandFailure("\(path) does not exist")
            }
            names.append(path)
            return
        }
        var folders = [path]
        while let folder = folders.popLast() {
            let entries = DirectoryEntries.names(of: surroundings.absolute(folder)) ?? []
            for name in entries where !name.hasPrefix(".") {
                let child = folder == "." ? name : "\(folder)/\(name)"
                if isDirectory(surroundings.absolute(child)) {
                    folders.append(child)
                } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                    names.append(child)
                }
                guard names.count <= fileLimit, folders.count <= fileLimit else {
                    throw CommandFailure("\(path) holds more than \(fileLimit) files")
                }
            }
        }
        names.sort()
    }

    private static func content(_ path: String) throws(CommandFailure) -> [UInt8] {
        guard let bytes = try LocalText.read(path, upTo: byteLimit) else {
            throw CommandFailure("\(path) does not exist")
        }
        return bytes
    }

    /// Never follows links: a folder that holds itself would have no end.
    private static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }
}
