import Glibc

/// What `/proc` says about one process at a moment (proc(5)).
struct ProcessEntry: Hashable, Sendable {
    var identity: ProcessIdentity
    var parent: Int32
    /// The letter that proc(5) gives: `R`, `S`, `D`, `T`, `Z` or another.
    var state: UInt8
    var threads: Int

    static let currentPID = getpid()

    var pid: Int32 { identity.pid }

    /// A main thread that has ended reads as a zombie while its other threads go on.
    var isLiving: Bool {
        switch state {
        case UInt8(ascii: "Z"): threads > 1
        case UInt8(ascii: "X"), UInt8(ascii: "x"): false
        default: true
        }
    }

    /// Ended, and not yet reaped by its parent.
    var isZombie: Bool { state == UInt8(ascii: "Z") && threads <= 1 }

    /// The process that bears `pid` now; nil when none does or it went while we read.
    init?(reading pid: Int32) {
        let read = (try? FileSystem.read("/proc/\(pid)/stat", limit: 65536)) ?? nil
        guard let read, let entry = ProcessEntry(stat: read, pid: pid) else { return nil }
        self = entry
    }

    /// Fields are separated by spaces, but the second, the command in parentheses, may hold
    /// spaces and parentheses itself: count from the last `)`.
    init?(stat: [UInt8], pid: Int32) {
        guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let state = fields[0].first,
            let parent = Int32(String(decoding: fields[1], as: UTF8.self)),
            let threads = Int(String(decoding: fields[17], as: UTF8.self)),
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        identity = ProcessIdentity(pid: pid, startTicks: start, bootID: Boot.id)
        self.parent = parent
        self.state = state
        self.threads = threads
    }

    /// Every process of this machine that we may see, by pid.
    static func all() throws(FileFailure) -> [ProcessEntry] {
        let names = try FileSystem.list("/proc") ?? []
        return names.compactMap { Int32($0) }.compactMap { ProcessEntry(reading: $0) }
    }

    /// Whether the process was started with `mark` in its environment.
    ///
    /// False for other users' processes and for zombies, whose environment cannot be read.
    func bears(_ mark: EnvironmentMark) -> Bool {
        let environment = (try? FileSystem.read("/proc/\(pid)/environ", limit: 4 << 20)) ?? nil
        guard let environment else { return false }
        let wanted = Array(mark.assignment.utf8)
        return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
    }
}
