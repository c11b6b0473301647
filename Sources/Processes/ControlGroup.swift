import CLinux
import Glibc

/// A cgroup v2 directory of our own: a process that is put in, and all that descend from it, stay
/// in, whatever session, parent or environment they take.
package struct ControlGroup: Hashable, Sendable {
    package let path: String

    /// Where a new group is put.
    package enum Place: Sendable {
        /// Below the group of this process: ends with the unit or container that we run in.
        case own
        /// Below the root of the hierarchy: outlives the unit that we run in.
        ///
        /// Needs root.
        case top
    }

    /// Makes a group; nil where the system has no cgroup v2 or lets us make none.
    ///
    /// A group of that name which is there already is taken.
    package static func make(named name: String, in place: Place = .own) -> ControlGroup? {
        guard let mount = Mount.find() else { return nil }
        let parent =
            switch place {
            case .own: mount.ownGroup
            case .top: mount.point
            }
        guard let parent else { return nil }
        let group = ControlGroup(path: "\(parent)/\(name)")
        do throws(FileFailure) {
            try FileSystem.makeDirectory(group.path)
        } catch {
            return nil
        }
        // Entering also needs write access to the common ancestor's file (cgroups(7)): a group
        // that cannot be entered is of no use.
        guard access(group.procsPath, W_OK) == 0, access("\(parent)/cgroup.procs", W_OK) == 0
        else {
            rmdir(group.path)
            return nil
        }
        return group
    }

    /// A group made earlier, perhaps by a process that has died; nil when it is gone.
    package init?(existing path: String) {
        guard access("\(path)/cgroup.procs", F_OK) == 0 else { return nil }
        self.path = path
    }

    private init(path: String) {
        self.path = path
    }

    var procsPath: String { "\(path)/cgroup.procs" }

    /// The pids in this group and those below it.
    ///
    /// Zombies are not listed.
    func pids() -> [Int32] {
        groups().flatMap { group in
            let bytes = (try? FileSystem.read("\(group)/cgroup.procs", limit: 16 << 20)) ?? nil
            return (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap {
                Int32(String(decoding: $0, as: UTF8.self))
            }
        }
    }

    /// SIGKILL to all at once, forks in flight included (Linux 5.14); false where not supported.
    func killAll() -> Bool {
        guard let file = try? OpenFile("\(path)/cgroup.kill", .append) else { return false }
        return (try? file.write(Array("1".utf8))) != nil
    }

    /// Takes this process out of the group, into the one above, and removes the group.
    ///
    /// For a process that is the last one in it. False where that was not allowed.
    @discardableResult
    package func leave() -> Bool {
        let above = "\(FileSystem.parent(of: path))/cgroup.procs"
        guard let file = try? OpenFile(above, .append), (try? file.write([0x30])) != nil else {
            return false
        }
        return remove()
    }

    /// Removes the group and those below it; false while a process is left in it.
    @discardableResult
    package func remove() -> Bool {
        for group in groups().reversed() { rmdir(group) }
        return access(path, F_OK) != 0
    }

    /// This group and those below, parents first.
    ///
    /// At most 64 levels.
    private func groups() -> [String] {
        var found = [path]
        var level = [path]
        for _ in 0..<64 where !level.isEmpty {
            level = level.flatMap { group in
                let names = (try? FileSystem.list(group)) ?? nil
                return (names ?? []).map { "\(group)/\($0)" }.filter { path in
                    let status = (try? FileSystem.status(path, followsLinks: false)) ?? nil
                    return status?.kind == .directory
                }
            }
            found += level
        }
        return found
    }
}

/// Where the cgroup v2 hierarchy is mounted, and where in it we are.
private struct Mount {
    var point: String
    /// nil when our group lies outside of what is mounted here.
    var ownGroup: String?

    /// `/proc/self/mountinfo`: `id parent major:minor root point options … - type source …`.
    static func find() -> Mount? {
        let table = text("/proc/self/mountinfo").split(separator: "\n")
        for line in table {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2, halves[1].hasPrefix("cgroup2 ") else { continue }
            let fields = halves[0].split(separator: " ")
            guard fields.count > 4 else { continue }
            let point = String(fields[4])
            return Mount(point: point, ownGroup: own(root: String(fields[3]), point: point))
        }
        return nil
    }

    private static func own(root: String, point: String) -> String? {
        let line = text("/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard let line else { return nil }
        let path = String(line.dropFirst(3))
        if root == "/" { return path == "/" ? point : point + path }
        guard path == root || path.hasPrefix(root + "/") else { return nil }
        return point + path.dropFirst(root.count)
    }

    private static func text(_ path: String) -> String {
        let bytes = (try? FileSystem.read(path, limit: 1 << 20)) ?? nil
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
