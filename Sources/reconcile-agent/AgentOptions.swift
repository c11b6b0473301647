/// What the agent is told by its command line.
struct AgentOptions {
    enum Place {
        /// A machine of the embedded provider: the directory that stands for its metadata.
        case local(metadata: String)
        /// A machine on EC2: the file that its first boot wrote.
        case cloud(configuration: String)
    }

    static let usage =
        "usage: reconcile-agent run (--configuration FILE | --metadata DIRECTORY) --disk DIRECTORY"

    let place: Place
    /// Where the run lives on this machine.
    let disk: String

    /// Nil for anything but the two forms; every path is absolute.
    init?(_ arguments: [String]) {
        guard arguments.count == 4, arguments[2] == "--disk", arguments[1].hasPrefix("/"),
            arguments[3].hasPrefix("/")
        else { return nil }
        switch arguments[0] {
        case "--metadata": place = .local(metadata: arguments[1])
        case "--configuration": place = .cloud(configuration: arguments[1])
        default: return nil
        }
        disk = arguments[3]
    }
}
