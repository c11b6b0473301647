/// A variable that marks every process of a run or machine: children inherit it, whatever
/// session, group or parent they take.
package struct EnvironmentMark: Hashable, Sendable, Codable {
    package var name: String
    package var value: String

    /// The mark that an agent puts on the processes of one run.
    package static func run(_ value: String) -> EnvironmentMark {
        EnvironmentMark(name: "HOLDFAST_RUN_MARK", value: value)
    }

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// A fresh mark for one run.
    package static func randomRun() -> EnvironmentMark {
        .run(FileSystem.randomName())
    }

    /// The marks that this process bears itself, which all that it starts must bear too.
    static let inherited: [String: String] = Command.currentEnvironment.filter { name, _ in
        name.hasPrefix("HOLDFAST_") && name.hasSuffix("_MARK")
    }

    var assignment: String { "\(name)=\(value)" }
}
