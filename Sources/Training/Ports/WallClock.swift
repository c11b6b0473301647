/// Where time comes from.
///
/// Only edges hold one; decisions get `now` as a parameter.
package protocol WallClock: Sendable {
    func now() -> Timestamp
    /// Waits; throws `CancellationError` when the task is cancelled first.
    func sleep(for span: Duration) async throws
}
