import Glibc

/// The Git work tree that a folder lies in.
enum WorkTree {
    /// The nearest folder at or above `directory` that holds `.git`; nil when there is none.
    static func root(above directory: String) -> String? {
        var parts = directory.split(separator: "/")
        while true {
            let folder = "/" + parts.joined(separator: "/")
            if access(folder + (folder == "/" ? "" : "/") + ".git", F_OK) == 0 { return folder }
            guard !parts.isEmpty else { return nil }
            parts.removeLast()
        }
    }
}
