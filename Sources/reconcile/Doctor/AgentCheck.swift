import Training

/// The agent's program as it lies on this machine.
struct AgentCheck: Sendable {
    let finding: DoctorFinding
    /// Nil where there is no program.
    let digest: Digest?

    init(path: String) {
        var finding: DoctorFinding
        var digest: Digest?
        do throws(CommandFailure) {
            let head = try LocalText.read(path, upTo: 64)
            finding = AccountJudgement.agent(head, at: path)
            if head != nil { digest = try AgentProgram(path: path).sha256 }
        } catch {
            finding = DoctorFinding(.agent, .problem, error.message, advice: error.advice)
        }
        self.finding = finding
        self.digest = digest
    }
}
