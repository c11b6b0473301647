import Glibc

/// A user of this machine, as which a process can run.
package struct Account: Hashable, Sendable {
    package let name: String
    package let user: UInt32
    package let group: UInt32
    /// Every group that it is in, its own too.
    let groups: [UInt32]
    package let home: String
    package let shell: String

    /// The user of this name; nil when there is none.
    package init?(named name: String) {
        guard
            let entry = Account.entry({ entry, buffer, size, found in
                getpwnam_r(name, entry, buffer, size, found)
            })
        else { return nil }
        self.name = name
        (user, group, home, shell) = (entry.user, entry.group, entry.home, entry.shell)
        groups = Account.groups(of: name, and: entry.group)
    }

    /// Whether this process runs as it already.
    package var isOurs: Bool { geteuid() == user }
    /// Whether this process may run others as somebody else.
    package static var canSwitch: Bool { geteuid() == 0 }

    private typealias Entry = (user: UInt32, group: UInt32, home: String, shell: String)
    private typealias Lookup = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func entry(_ lookup: Lookup) -> Entry? {
        let size = 64 << 10
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard lookup(&entry, buffer, size, &found) == 0, found != nil else { return nil }
        let text = { (pointer: UnsafeMutablePointer<CChar>?) in
            pointer.map { String(cString: $0) } ?? ""
        }
        return (entry.pw_uid, entry.pw_gid, text(entry.pw_dir), text(entry.pw_shell))
    }

    private static func groups(of name: String, and group: UInt32) -> [UInt32] {
        // NGROUPS_MAX of Linux; more cannot be set.
        var count: Int32 = 65_536
        var groups = [UInt32](repeating: 0, count: Int(count))
        guard getgrouplist(name, group, &groups, &count) >= 0 else { return [group] }
        return Array(groups.prefix(Int(count)))
    }
}
