import Glibc

// One program, two processes: `run` is the agent of a machine; `machine` is, under the embedded
// provider, the machine itself.
//
// No `await` at this level: it would hand the main thread to the runtime with every signal
// unblocked, and a signal that the machine waits for would strike there and end it.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "machine": MachineProcess.run(Array(arguments.dropFirst()))
case "run": AgentProcess.run(Array(arguments.dropFirst()))
default:
    MachineLog.error(AgentOptions.usage)
    exit(64)
}
