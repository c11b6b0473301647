import ArgumentParser

/// What the benchmarks measure of our own, beside what they compare it with.
@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure parts of Holdfast.",
        subcommands: [Inspecting.self])
}
