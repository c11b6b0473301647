/// One process, for good: its pid with the moment it started.
///
/// A pid alone is given away again once its process has been reaped, and every boot counts anew.
package struct ProcessIdentity: Hashable, Sendable, Codable {
    package var pid: Int32
    /// Clock ticks from boot to its start: field 22 of `/proc/PID/stat`.
    package var startTicks: UInt64
    /// `/proc/sys/kernel/random/boot_id`.
    package var bootID: String

    package init(pid: Int32, startTicks: UInt64, bootID: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.bootID = bootID
    }

    /// The process that bears `pid` now; nil when none does.
    package init?(of pid: Int32) {
        guard let entry = ProcessEntry(reading: pid) else { return nil }
        self = entry.identity
    }

    /// This process itself.
    package static let current = ProcessIdentity(of: ProcessEntry.currentPID)

    /// Whether that very process still runs.
    ///
    /// A zombie does not.
    package var isAlive: Bool {
        guard bootID == Boot.id, let entry = ProcessEntry(reading: pid) else { return false }
        return entry.identity == self && entry.isLiving
    }
}

extension ProcessIdentity: CustomStringConvertible {
    package var description: String { "process \(pid)" }
}

/// The kernel's present life.
package enum Boot {
    /// Random, new at each boot of the machine; empty where `/proc` does not tell.
    package static let id: String = {
        let path = "/proc/sys/kernel/random/boot_id"
        let bytes = (try? FileSystem.read(path, limit: 4096)) ?? nil
        return String(decoding: bytes ?? [], as: UTF8.self).filter { $0 != "\n" }
    }()
}
