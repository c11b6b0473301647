import ArgumentParser
import Training

/// A span such as `30s`, `5m` or `2h`.
struct SpanArgument: ExpressibleByArgument, Sendable {
    var span: Seconds

    init?(argument: String) {
        guard let span = SpanText.seconds(argument) else { return nil }
        self.span = span
    }

    static let allValueStrings = ["30s", "5m", "1h"]
}

/// The name of a run.
struct RunArgument: ExpressibleByArgument, Sendable {
    var name: RunName

    init?(argument: String) {
        guard let name = RunName(argument) else { return nil }
        self.name = name
    }
}

/// A checkpoint such as `0002-00000003`.
struct CheckpointArgument: ExpressibleByArgument, Sendable {
    var id: CheckpointID

    init?(argument: String) {
        guard let id = CheckpointID(argument) else { return nil }
        self.id = id
    }
}
