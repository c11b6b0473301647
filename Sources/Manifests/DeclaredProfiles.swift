import Training

/// The profiles of all files, and what is wrong with a run's choice of one.
struct DeclaredProfiles {
    private struct Entry {
        /// Nil: refused, or declared twice, so that nobody can say which one is meant.
        var profile: Profile?
        var location: SourceLocation
    }

    struct Problem {
        var message: String
        /// Whatever other files may hold.
        var isCertain: Bool
    }

    private var entries: [String: Entry] = [:]

    /// By name.
    var sound: [String: Profile] { entries.compactMapValues(\.profile) }

    /// Takes one document, and reports a second one of its name.
    ///
    /// `profile` is nil when it was refused.
    mutating func add(
        _ name: String, _ profile: Profile?, at place: SourceLocation
    ) -> Diagnostic? {
        guard let first = entries[name]?.location else {
            entries[name] = Entry(profile: profile, location: place)
            return nil
        }
        let (earlier, later) = first < place ? (first, place) : (place, first)
        entries[name] = Entry(profile: nil, location: earlier)
        let shown = Spelling.quoted(name) ?? "of this name"
        return Diagnostic(at: later, "name: a profile \(shown) stands at \(earlier) already")
    }

    /// Why a run cannot have the profile that it names; nil when it can, or names none.
    func problem(of spec: RunSpec, isIncomplete: Bool) -> Problem? {
        guard let name = spec.profile else { return nil }
        guard let entry = entries[name] else {
            let near = Spelling.nearest(to: name, among: Array(entries.keys))
            let hint = near.flatMap(Spelling.quoted).map { "; did you mean \($0)?" } ?? ""
            let message =
                isIncomplete
                ? "no document that can be read is `kind: profile` with the name `\(name)`"
                : "there is no document `kind: profile` with the name `\(name)`"
            return Problem(message: "profile: \(message)\(hint)", isCertain: false)
        }
        guard let profile = entry.profile else {
            return Problem(
                message: "profile: the profile `\(name)` is refused, see \(entry.location)",
                isCertain: true)
        }
        let tags = Set(profile.tags.keys).union(spec.resources.labels.keys)
        guard tags.count <= TagRule.limit else {
            return Problem(
                message: "profile: with the profile's tags these `labels` are more than "
                    + "\(TagRule.limit), the most that EC2 leaves", isCertain: true)
        }
        return nil
    }
}
