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
        let rows = await withTaskGroup(of: (Int, UInt64?).self) { group in
            var rows: [UInt64?] = Array(repeating: nil, count: Mutation.all.count)
            var next = 0
            func startNext() {
                guard next < Mutation.all.count else { return }
                let number = next
                let limit = UInt64(seeds)
                next += 1
                group.addTask { (number, Mutation.all[number].firstSeed(limit: limit)) }
            }
            for _ in 0..<jobs { startNext() }
            for await (number, seed) in group {
                rows[number] = seed
                startNext()
            }
            return rows
        }
        let names = Mutation.all.map(\.name.count).max() ?? 0
        print("\(padded("mutation", names))  seeds  promise")
        for (mutation, seed) in zip(Mutation.all, rows) {
            let count = seed.map(String.init) ?? "—"
            print(
                "\(padded(mutation.name, names))  "
                    + "\(String(repeating: " ", count: 5 - min(5, count.count)))\(count)  "
                    + mutation.promise.rawValue)
        }
        let missed = rows.count { $0 == nil }
        print("\(rows.count - missed) of \(rows.count) mutations found")
        if missed > 0 { throw ExitCode.failure }
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
