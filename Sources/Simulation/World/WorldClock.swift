import Training

/// A process's clock: the world's time, as far as the machine's own clock is right.
struct WorldClock: WallClock {
    let world: World
    let process: ProcessID

    func now() -> Timestamp {
        world.with { state in
            let offset = state.lives[process]?.clockOffset ?? 0
            return Timestamp(milliseconds: state.now.milliseconds + offset)
        }
    }

    func sleep(for span: Duration) async throws {
        let (seconds, attoseconds) = span.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        try await withCheckedThrowingContinuation { continuation in
            world.with { $0.sleep(process, for: milliseconds, continuation) }
        }
    }
}
