import CLibFuzzer
import Glibc

// fuzz list                          each target: name, longest input, folders of samples
// fuzz TARGET [libFuzzer's options]  fuzzes it, or runs the inputs that are named

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "list" {
    for target in FuzzTarget.all {
        print(([target.name, "\(target.longest)"] + target.samples).joined(separator: " "))
    }
    exit(0)
}
guard let chosen = FuzzTarget.all.first(where: { $0.name == arguments.first }) else {
    Driver.complain("no such target; `fuzz list` names them")
    exit(64)
}
exit(Driver.run(chosen, options: Array(arguments.dropFirst())))
