import ArgumentParser
import Training

/// `reconcile doctor`.
struct DoctorCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check whether runs could start, and say what to mend.",
        discussion: """
            Looks at credentials, clock, bucket, manifests, and for each run at image, subnets, \
            prices, quotas and rights: EC2 is asked for the very launch that would be made, as a \
            dry run. Launches nothing; one small object is written below leases/ and removed. \
            What could not be asked is shown as unchecked.

            Exit codes: 0 nothing that was found would stop a run; 1 something would.
            """)

    @OptionGroup var common: CommonOptions

    func perform(in workplace: Workplace) async throws(CommandFailure) -> ExitReason {
        let view = DoctorView(findings: try await Wiring(workplace).findings())
        workplace.output.show(view)
        return view.isReady ? .success : .error
    }
}
