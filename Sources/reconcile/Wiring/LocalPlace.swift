import Checkpoints
import GitSource
import Glibc
import Local
import Training

/// The embedded provider: its folder, opened.
struct LocalPlace: Sendable {
    /// Where its machines are.
    static let region = "local"

    let place: StatePlace
    let configuration: Configuration

    func records(writer: String) throws(CommandFailure) -> OpenRecords {
        do {
            let store = try DirectoryStore(path: place.store)
            return OpenRecords(
                store: RecordStore(store, writer: writer), url: "file://" + store.path,
                region: nil)
        } catch {
            throw CommandFailure(
                "\(place.store): \(error)", advice: "another folder is named with --state")
        }
    }

    func provider() throws(CommandFailure) -> LocalProvider {
        guard access(configuration.agent, X_OK) == 0 else {
            throw CommandFailure(
                "\(configuration.agent) cannot be run: the agent is missing",
                advice: "build it with `swift build`, or name it with --agent")
        }
        do {
            return try LocalProvider(state: place.path, agent: configuration.agent)
        } catch {
            throw CommandFailure("\(place.path): \(error)")
        }
    }

    /// The state of earlier passes; looking must not make an empty one.
    func existing() throws(CommandFailure) -> LocalPlace {
        guard access(place.path, F_OK) == 0 else {
            throw CommandFailure(
                "nothing was reconciled here yet: \(place.path) does not exist",
                advice: "`reconcile --once --provider local` makes it; "
                    + "or name another one with --state")
        }
        return self
    }
}

/// The records of one scope, and how a machine finds them.
struct OpenRecords: Sendable {
    var store: RecordStore
    var url: String
    /// The bucket's; nil for a folder.
    var region: String?
}
