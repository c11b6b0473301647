import Glibc
import Local
import Processes

/// `reconcile-agent machine DIRECTORY BOOT AGENT`: a machine of the embedded provider.
///
/// Started by the provider only; `AGENT` is the program that it runs.
enum MachineProcess {
    /// Must be the first thing that the process does: it blocks signals in the main thread, for
    /// all threads to inherit.
    static func run(_ arguments: [String]) -> Never {
        guard let signals = SignalQueue(taking: MachineShim.signals) else { exit(71) }
        guard arguments.count == 3, let boot = Int(arguments[1]) else { exit(64) }
        let shim = MachineShim(
            directory: arguments[0], boot: boot, agent: arguments[2], signals: signals)
        Task.detached { exit(await shim.run()) }
        while true { pause() }
    }
}
