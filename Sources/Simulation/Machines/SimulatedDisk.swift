package import Supervision
package import Training

/// The disk of a simulated machine: it outlives stops and starts, and goes when the machine does.
///
/// Files stand by absolute path; folders are where files are.
package struct SimulatedDisk: Hashable, Sendable {
    package static let work = "/disk/work"
    package static let staging = "/disk/staging"
    private static let openFolder = "/disk/open/"

    struct File: Hashable, Sendable {
        var bytes: [UInt8]
        var modified: Timestamp
        var inode: UInt64
        /// Somebody is writing to it: it is another one at each look.
        var isGrowing = false
    }

    private struct OpenFile: Hashable, Sendable {
        var file: File
        var count = 1
    }

    private(set) var files: [String: File] = [:]
    /// Nothing more fits on it: what a trainer writes is torn, and what is fetched fails.
    package internal(set) var isFull = false
    /// Raised by each change in the working directory.
    package private(set) var version = 0
    /// What the agent's last life left for its next one.
    package internal(set) var memory: AgentMemory?
    /// By inode: open files stay readable when their names go.
    private var open: [UInt64: OpenFile] = [:]
    private var lastInode: UInt64 = 0

    package init() {}

    // MARK: Files

    /// The bytes of the file at an absolute path; nil when there is none.
    package func read(_ path: String) -> [UInt8]? {
        if path.hasPrefix(SimulatedDisk.openFolder) {
            let inode = UInt64(path.dropFirst(SimulatedDisk.openFolder.count))
            return inode.flatMap { open[$0]?.file.bytes }
        }
        return files[path]?.bytes
    }

    /// Writes the file at an absolute path: one that stands there stays the same file, with other
    /// bytes.
    package mutating func write(
        _ bytes: [UInt8], to path: String, at now: Timestamp, isGrowing: Bool = false
    ) {
        noteChange(of: path)
        let inode = files[path]?.inode ?? nextInode()
        let file = File(bytes: bytes, modified: now, inode: inode, isGrowing: isGrowing)
        files[path] = file
        open[inode]?.file = file
    }

    /// Puts a new file in the place of whatever stands there, as a rename does.
    mutating func replace(_ path: String, by bytes: [UInt8], at now: Timestamp) {
        files[path] = nil
        write(bytes, to: path, at: now)
    }

    private mutating func noteChange(of path: String) {
        if path.hasPrefix(SimulatedDisk.work) { version += 1 }
    }

    private mutating func nextInode() -> UInt64 {
        lastInode += 1
        return lastInode
    }

    /// Every writer is gone: what was being written stays as it is.
    mutating func settle(at now: Timestamp) {
        for (path, file) in files where file.isGrowing {
            files[path]?.isGrowing = false
            files[path]?.modified = now
            noteChange(of: path)
        }
    }

    /// Nobody holds a file open any more.
    mutating func closeAll() {
        open = [:]
    }

    // MARK: Names

    /// The paths of a file or of all files of a folder, sorted.
    func paths(at path: String) -> [String] {
        if files[path] != nil { return [path] }
        let inside = path + "/"
        return files.keys.filter { $0.hasPrefix(inside) }.sorted()
    }

    package func holds(_ path: String) -> Bool {
        files[path] != nil || !paths(at: path).isEmpty
    }

    mutating func remove(_ path: String) {
        for path in paths(at: path) {
            files[path] = nil
            noteChange(of: path)
        }
    }

    /// Moves a file, or a folder with all its files, over whatever stands there; false when there
    /// is nothing to move.
    mutating func move(_ source: String, to target: String) -> Bool {
        let moved = paths(at: source)
        guard !moved.isEmpty else { return false }
        remove(target)
        for path in moved {
            files[target + path.dropFirst(source.count)] = files.removeValue(forKey: path)
        }
        noteChange(of: source)
        noteChange(of: target)
        return true
    }

    // MARK: Open files

    /// A path that leads to this very file until it is closed; nil when there is none.
    mutating func openFile(_ path: String) -> String? {
        guard let file = files[path] else { return nil }
        if open[file.inode] == nil {
            open[file.inode] = OpenFile(file: file)
        } else {
            open[file.inode]?.count += 1
        }
        return SimulatedDisk.openFolder + String(file.inode)
    }

    mutating func close(_ opened: String) {
        guard let inode = UInt64(opened.dropFirst(SimulatedDisk.openFolder.count)),
            let count = open[inode]?.count
        else { return }
        if count > 1 { open[inode]?.count = count - 1 } else { open[inode] = nil }
    }
}
