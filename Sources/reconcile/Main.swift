import Glibc

/// The program's entry.
@main
enum Main {
    static func main() async {
        let program = Program(surroundings: .current())
        let reason = await program.run(Array(CommandLine.arguments.dropFirst()))
        exit(reason.rawValue)
    }
}
