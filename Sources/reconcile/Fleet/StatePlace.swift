import Training

/// The folder that holds everything of one repository: records, checkpoints and local machines.
struct StatePlace: Hashable, Sendable {
    /// Absolute.
    var path: String

    /// The object store.
    var store: String { path + "/store" }

    /// One folder for each origin, so that repositories never share machines by accident.
    static func standard(origin: String, environment: [String: String]) -> StatePlace {
        let base = root("XDG_STATE_HOME", ".local/state", environment)
        let name = origin.split(separator: "/").last.map(String.init) ?? "repository"
        let legible = name.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let digest = Digest(of: origin).hex.prefix(12)
        return StatePlace(
            path: "\(base)/holdfast/" + (legible.isEmpty ? "" : "\(legible.prefix(40))-") + digest)
    }

    /// Where clones of remote repositories are kept: a cache, safe to delete.
    static func gitCache(environment: [String: String]) -> String {
        root("XDG_CACHE_HOME", ".cache", environment) + "/holdfast/git"
    }

    /// Relative values are ignored, as the XDG base directory specification has it.
    private static func root(
        _ variable: String, _ fallback: String, _ environment: [String: String]
    ) -> String {
        if let path = environment[variable], path.hasPrefix("/") { return path }
        if let home = environment["HOME"], home.hasPrefix("/") { return "\(home)/\(fallback)" }
        return "/var/tmp"
    }
}
