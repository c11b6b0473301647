import Glibc
import Processes
import Synchronization
package import Training

/// Launching and booting.
extension LocalProvider {
    /// The directory of the token's machine is what keeps a second one from being made: a launch
    /// that was cut short anywhere is finished by the next identical one.
    @concurrent
    package func launch(_ request: LaunchRequest) async throws(LaunchFailure) -> Instance {
        try check(request)
        let machine = directory(of: Self.instanceID(of: request.clientToken))
        do throws(FileFailure) {
            try FileSystem.makeDirectory(machine.path)
            try FileSystem.synchronize(directory: FileSystem.parent(of: machine.path))
        } catch {
            throw error.isDenied ? .rejected("\(error)") : .unanswered("\(error)")
        }
        let answer: LaunchAnswer
        do throws(MachineFailure) {
            answer = try await holdingLock(of: machine) { () async throws(MachineFailure) in
                try await self.launch(request, as: machine)
            }
        } catch {
            throw .unanswered("\(error)")
        }
        switch answer {
        case .machine(let instance): return instance
        case .failure(let failure): throw failure
        }
    }

    private enum LaunchAnswer {
        case machine(Instance)
        case failure(LaunchFailure)
    }

    private func check(_ request: LaunchRequest) throws(LaunchFailure) {
        let token = request.clientToken.utf8
        guard (1...64).contains(token.count), token.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .rejected("a client token has 1 to 64 ASCII characters") }
        guard request.userData.utf8.count <= DirectoryMetadata.userDataLimit else {
            throw .rejected("the user data is beyond 16 KiB")
        }
        guard request.market.canStop || request.shutdownBehavior == .terminate else {
            throw .rejected("one-time spot cannot stop at shutdown")
        }
        for program in [shim, agent] where access(program, X_OK) != 0 {
            throw .rejected("the agent cannot be executed: \(program)")
        }
    }

    private func launch(
        _ request: LaunchRequest, as machine: MachineDirectory
    ) async throws(MachineFailure) -> LaunchAnswer {
        let digest = Digest(of: CanonicalJSON.encode(request))
        if let launch = try machine.launch() {
            guard launch.request == digest else { return .failure(.parametersMismatch) }
        } else {
            try prepare(machine, request, digest)
        }
        guard let observed = try machine.observe() else { throw .busy(machine.path) }
        if observed.needsBurial {
            _ = try await machine.bury(observed.launch, at: clock.now())
            return .failure(.instanceTerminated)
        }
        if observed.status?.state == .terminated { return .failure(.instanceTerminated) }
        if observed.status == nil {
            if let failure = try await boot(machine, observed.launch, number: 1) {
                return .failure(failure)
            }
        }
        guard let booted = try machine.observe() else { throw .busy(machine.path) }
        return .machine(booted.instance(machine.id))
    }

    /// Writes everything that the machine is made of; `launch.json` last.
    private func prepare(
        _ machine: MachineDirectory, _ request: LaunchRequest, _ digest: Digest
    ) throws(MachineFailure) {
        do throws(FileFailure) {
            try FileSystem.makeDirectory(machine.log)
            try FileSystem.makeDirectory(machine.disk)
            try machine.metadata.write(
                instance: machine.id, userData: request.userData, tags: request.tags)
        } catch {
            throw .file(error)
        }
        // The state directory is part of the mark: the same token elsewhere is another machine.
        let place = Digest(of: machine.path).hex.prefix(16)
        try machine.write(
            LaunchRecord(
                clientToken: request.clientToken, request: digest, market: request.market,
                region: request.region, shutdownBehavior: request.shutdownBehavior,
                launchedAt: clock.now(),
                mark: EnvironmentMark(
                    name: "HOLDFAST_MACHINE_MARK", value: "\(machine.id)-\(place)")))
    }

    /// Starts the machine's shim and waits until it is up; the caller holds the control lock.
    func boot(
        _ machine: MachineDirectory, _ launch: LaunchRecord, number: Int
    ) async throws(MachineFailure) -> LaunchFailure? {
        if try !machine.isAlive() {
            var command = Command(
                [shim, "machine", machine.path, "\(number)", agent],
                environment: MachineEnvironment.part(of: Command.currentEnvironment), directory: "/"
            )
            command.errors = .append(path: "\(machine.log)/machine.log")
            command.output = command.errors
            command.controlGroup = machine.controlGroup(launch)
            do throws(SpawnFailure) {
                let child = try await ChildProcess.spawn(command)
                shims.withLock { $0[machine.id] = child }
            } catch {
                return error.isMissing || error.isDenied
                    ? .rejected("\(error)") : .unanswered("\(error)")
            }
        }
        let deadline = ContinuousClock.now + Self.bootBound
        while ContinuousClock.now < deadline {
            if try (machine.status()?.boot ?? 0) >= number { return nil }
            let hasEnded = shims.withLock { $0[machine.id]?.status != nil }
            if hasEnded, try !machine.isAlive() {
                return .unanswered("the machine did not come up: see \(machine.log)/machine.log")
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return .unanswered("the machine has not come up yet")
    }
}
