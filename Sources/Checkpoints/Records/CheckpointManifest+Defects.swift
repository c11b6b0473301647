package import Training

extension CheckpointManifest: StoredRecord {
    /// Bytes of one file, and of one checkpoint: far above S3's largest object, far below what
    /// 10,000 of them could overflow.
    static let sizes = 0...(1 << 46)
    /// UTF-8 bytes of a path (Linux `PATH_MAX` is 4096).
    static let pathLimit = 2048

    /// Paths are relative and stay below the working directory, are unique, belong to `path`; keys
    /// belong to this checkpoint.
    package func defect(at key: String) -> String? {
        if key != StoreLayout.manifest(run, id) { return "it names the checkpoint \(run)/\(id)" }
        if files.isEmpty { return "it lists no file" }
        if files.count > CheckpointManifest.fileLimit { return "it lists too many files" }
        if let parent, parent >= id { return "it is older than its parent" }
        if let step, step.magnitude > greatestNumber { return "step is out of range" }
        if generation.magnitude > greatestNumber { return "generation is out of range" }
        if !CheckpointManifest.isSafe(path) { return "its path leaves the working directory" }
        if createdAt.milliseconds.magnitude > greatestNumber { return "createdAt is out of range" }
        return fileDefect
    }

    private var fileDefect: String? {
        let folder = StoreLayout.checkpoint(run, id)
        var total = 0
        var names: Set<String> = []
        for (place, file) in files.enumerated() {
            if !CheckpointManifest.isSafe(file.path) {
                return "the path of file \(place) leaves the working directory"
            }
            if file.path != path && !file.path.utf8.starts(with: (path + "/").utf8) {
                return "file \(place) is not part of the checkpoint's path"
            }
            if file.path == path && files.count > 1 { return "its path is a file and a directory" }
            if !names.insert(file.path).inserted { return "file \(place) is listed twice" }
            if !file.key.utf8.starts(with: folder.utf8) || !CheckpointManifest.isSafe(file.key) {
                return "the key of file \(place) is not below \(folder)"
            }
            if !CheckpointManifest.sizes.contains(file.size) {
                return "the size of file \(place) is out of range"
            }
            total += file.size
        }
        for name in names where hasParent(name, among: names) {
            return "a path is a file and a directory"
        }
        return CheckpointManifest.sizes.contains(total) ? nil : "its size is out of range"
    }

    private func hasParent(_ name: String, among names: Set<String>) -> Bool {
        var rest = name[...]
        while let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) {
            rest = rest[..<slash]
            if names.contains(String(rest)) { return true }
        }
        return false
    }

    /// Relative, without empty, `.` and `..` parts, without NUL, within the length of a path.
    ///
    /// Looks at bytes, as the file system does: a `/` with a combining mark is another `Character`.
    static func isSafe(_ path: String) -> Bool {
        guard !path.isEmpty, path.utf8.count <= pathLimit, !path.utf8.contains(0) else {
            return false
        }
        let parts = path.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy {
            !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
                && $0.count <= 255
        }
    }
}
