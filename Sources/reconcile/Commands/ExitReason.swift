/// What an exit code says.
///
/// A frozen surface: CI scripts branch on these.
enum ExitReason: Int32, Hashable, Sendable, CaseIterable {
    /// In sync, or applied.
    case success = 0
    case error = 1
    /// There were changes; only with `--detailed-exitcode`, as in Terraform.
    case changes = 2
    /// Blocked by the fuse, by a revision that is held, or (`--fail-on-held`) by a held run.
    case blocked = 3
    /// Not converged within `--wait`.
    case notConverged = 4

    /// The most important first: an error hides all else, changes hide nothing.
    private static let precedence: [ExitReason] = [
        .error, .blocked, .notConverged, .changes, .success,
    ]

    /// The one code for several reasons; success for none.
    static func combined(_ reasons: some Sequence<ExitReason>) -> ExitReason {
        let present = Set(reasons)
        return precedence.first(where: present.contains) ?? .success
    }
}
