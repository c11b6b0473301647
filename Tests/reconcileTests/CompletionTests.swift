import TestSupport
import Testing

@testable import reconcile

@Suite struct CompletionTests {
    @Test(
        "a completion script → knows every command", arguments: ["bash", "zsh", "fish"])
    func script(shell: String) async throws {
        let run = await Invocation.run(["--generate-completion-script", shell])
        #expect(run.exit == .success)
        for path in HelpTests.commands {
            for word in path { #expect(run.output.contains(word), "\(word)") }
        }
    }

    @Test("the bash script, sourced → completes commands and their options")
    func bash() async throws {
        let directory = try TemporaryDirectory()
        let run = await Invocation.run(["--generate-completion-script", "bash"])
        directory.write("completion.bash", run.output)
        // As readline calls it: the words so far, and which one the cursor is in.
        directory.write(
            "ask.bash",
            """
            set -e
            . "$1"
            ask() {
                COMP_WORDS=(reconcile "$@"); COMP_CWORD=$#; COMP_LINE="reconcile $*"
                COMP_POINT=${#COMP_LINE}; COMPREPLY=()
                _reconcile reconcile "${COMP_WORDS[$COMP_CWORD]}" || true
                echo "${COMPREPLY[*]}"
            }
            ask expl
            ask plan --det
            ask local inter
            """)
        let result = try ToolProcess.run(
            ["bash", directory("ask.bash"), directory("completion.bash")],
            environment: ["PATH": "/usr/bin:/bin"])
        let answers = result.output.split(separator: "\n").map {
            $0.trimmingPrefix { $0 == " " }.split(separator: " ").joined(separator: " ")
        }
        #expect(answers == ["explain", "--detailed-exitcode", "interrupt"])
    }
}
