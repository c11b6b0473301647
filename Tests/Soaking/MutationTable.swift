import ArgumentParser
import Glibc
import Simulation

/// Breaks the programs from outside, one way after another, until the checker of each bites.
struct MutationTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutations",
        abstract: "Show how many seeds each mutation took until its checker found it.",
        discussion: "Ends with exit code 1 when a mutation was not found.")

    @Option(help: "Seeds for each mutation.")
    var seeds = 200

    @Option(help: "Mutations at once.")
    var jobs = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    func run() async throws {
        let width = Mutation.all.map(\.name.count).max() ?? 0
        let limit = UInt64(seeds)
        tell("mutation", "seeds", "promise", width)
        let found = await withTaskGroup(of: (Mutation, UInt64?).self) { group in
            var waiting = Mutation.all[...]
            func startNext() {
                guard let mutation = waiting.popFirst() else { return }
                group.addTask { (mutation, mutation.firstSeed(limit: limit)) }
            }
            for _ in 0..<jobs { startNext() }
            var found = 0
            for await (mutation, seed) in group {
                found += seed == nil ? 0 : 1
                let count = seed.map(String.init) ?? "none"
                tell(mutation.name, count, mutation.promise.rawValue, width)
                startNext()
            }
            return found
        }
        print("\(found) of \(Mutation.all.count) mutations found")
        if found < Mutation.all.count { throw ExitCode.failure }
    }

    /// A row, as soon as it is known.
    private func tell(_ name: String, _ count: String, _ promise: String, _ width: Int) {
        let space = String(repeating: " ", count: max(0, 5 - count.count))
        print("\(padded(name, width))  \(space)\(count)  \(promise)")
        fflush(nil)
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension Mutation {
    /// The first seed from 1 under which its checker finds it; nil: none up to `limit`.
    fileprivate func firstSeed(limit: UInt64) -> UInt64? {
        (1...limit).first { seed in
            let weather = Weather.allCases[Int(seed % UInt64(Weather.allCases.count))]
            var trial = Trial(Scenario.draw(seed: seed, weather: weather), under: self)
            return trial.run().broken.contains { $0.promise == promise }
        }
    }
}
