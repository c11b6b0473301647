import Processes
package import Training

/// The agent's part of a machine's disk.
package struct MachineDisk: Hashable, Sendable {
    package let root: String

    /// `root` is an absolute path; what is needed below it is made.
    package init(root: String) throws(AgentFailure) {
        self.root = root
        do {
            for folder in [work, staging, logs] { try FileSystem.makeDirectories(folder) }
        } catch {
            throw .disk("\(error)")
        }
    }

    package var work: String { "\(root)/work" }
    /// On the same file system as `work`, not inside it.
    package var staging: String { "\(root)/staging" }
    package var logs: String { "\(root)/log" }
    /// What stands at the paths of `file_mounts`.
    var mounts: String { "\(root)/mounts" }
    package var agentLog: String { "\(logs)/agent.jsonl" }

    package func log(ofAttempt attempt: Int) -> String { "\(logs)/attempt-\(attempt).log" }
    package func setupLog(ofAttempt attempt: Int) -> String {
        "\(logs)/attempt-\(attempt).setup.log"
    }

    // MARK: Memory

    private var memoryPath: String { "\(root)/agent.json" }

    /// What an earlier life left; nil when there is nothing that can be read.
    func recall() -> AgentMemory? {
        guard
            let bytes = (try? FileSystem.read(memoryPath, limit: CanonicalJSON.maximumSize)) ?? nil
        else { return nil }
        return try? CanonicalJSON.decode(AgentMemory.self, from: bytes)
    }

    func remember(_ memory: AgentMemory) throws(AgentFailure) {
        do {
            try FileSystem.write(CanonicalJSON.encode(memory), to: memoryPath)
        } catch {
            throw .disk("\(error)")
        }
    }

    // MARK: Power

    /// Leaves word for the machine's provider how it should end, beside what its launch said.
    package func note(powerOff: PowerOff) throws(AgentFailure) {
        do {
            try FileSystem.write(Array(powerOff.rawValue.utf8), to: "\(root)/power-off")
        } catch {
            throw .disk("\(error)")
        }
    }

    // MARK: Working directory

    /// Makes the working directory; `clears` empties it first.
    func prepareWork(clears: Bool) throws(AgentFailure) {
        do {
            if clears { try FileSystem.removeTree(work) }
            try FileSystem.makeDirectories(work)
        } catch {
            throw .disk("\(error)")
        }
    }
}

/// Why the agent could not use its own machine.
package enum AgentFailure: Error, Hashable, Sendable {
    /// The disk: full, read-only, or not ours.
    case disk(String)
    /// What the machine was told at its launch is not usable.
    case configuration(String)
    /// The machine does not do as it is asked.
    case machine(String)
}

extension AgentFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .disk(let detail), .machine(let detail): detail
        case .configuration(let detail): "the machine's configuration is not usable: \(detail)"
        }
    }
}

extension AgentConfiguration {
    /// Reads what the machine was launched with.
    package init(userData: [UInt8]) throws(AgentFailure) {
        do {
            self = try CanonicalJSON.decode(AgentConfiguration.self, from: userData)
        } catch {
            throw .configuration("the user data: \(error)")
        }
    }
}
