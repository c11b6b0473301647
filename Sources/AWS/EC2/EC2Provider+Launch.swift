package import Training

extension EC2Provider {
    /// EC2 takes no more user data, in bytes.
    private static let userDataLimit = 16 << 10

    package func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        guard let machine = request.machine, request.region == region else {
            throw .rejected("the request is not for machines of EC2 in \(region)")
        }
        guard request.userData.utf8.count <= EC2Provider.userDataLimit else {
            throw .rejected("the user data is beyond 16 KiB")
        }
        let description: EC2.MachineDescription
        do throws(AWSFailure) {
            description = try await run(EC2.RunInstances(request, on: machine))
        } catch {
            let failure = LaunchFailure(error)
            guard failure == .parametersMismatch else { throw failure }
            description = try await adopted(request.clientToken)
        }
        let instance = description.instance(in: region)
        // Some ended machines are given once more for their token, not refused.
        if instance.state == .terminated || instance.state == .shuttingDown {
            throw .instanceTerminated
        }
        return instance
    }

    /// A profile that was made a moment ago is not known everywhere: it gets a minute.
    private func run(
        _ launch: EC2.RunInstances
    ) async throws(AWSFailure) -> EC2.MachineDescription {
        for _ in 0..<EC2Provider.propagationTries {
            do throws(AWSFailure) {
                return try await ec2.send(launch)
            } catch {
                guard case .refused(let refusal) = error, EC2Refusal(refusal) == .propagating
                else { throw error }
            }
            do {
                try await clock.sleep(for: EC2Provider.propagationPause)
            } catch {
                throw .cancelled
            }
        }
        return try await ec2.send(launch)
    }

    /// The machine that the token was used for: tokens are derived from the intent, so whatever
    /// differs in the bytes, it is this intent's.
    private func adopted(
        _ token: String
    ) async throws(LaunchFailure) -> EC2.MachineDescription {
        let known: [EC2.MachineDescription]
        do throws(AWSFailure) {
            known = try await ec2.list(EC2.DescribeInstances(clientToken: token))
        } catch {
            throw .unanswered("the token is known, but not its machine: \(error)")
        }
        guard let machine = known.first else { throw .parametersMismatch }
        return machine
    }
}
