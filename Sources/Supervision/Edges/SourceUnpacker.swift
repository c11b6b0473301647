import Processes
import Training

/// Fetches a run's source and unpacks it into the working directory.
struct SourceUnpacker: Sendable {
    private static let timeLimit = Duration.seconds(600)

    let store: any ObjectStore
    let disk: MachineDisk
    /// To whom the working directory belongs, so that what stands there can lead the unpacking
    /// nowhere that it could not go itself; nil: to this process.
    let account: Account?

    /// The archive's SHA-256 is verified before anything is unpacked.
    func fetch(_ source: SourceArchive) async -> StepResult {
        let archive = "\(disk.staging)/source-\(FileSystem.randomName()).tar.gz"
        defer { _ = try? FileSystem.remove(archive) }
        do {
            try FileSystem.makeDirectories(disk.staging)
        } catch {
            return .failed("\(error)")
        }
        do {
            try await store.download(
                source.key, to: archive, size: source.size, sha256: source.sha256)
        } catch .corrupt(let key, let detail) {
            return .invalid("\(key): \(detail)")
        } catch {
            return .failed("\(error)")
        }
        return await unpack(archive)
    }

    private func unpack(_ archive: String) async -> StepResult {
        let log = "\(archive).log"
        defer { _ = try? FileSystem.remove(log) }
        var command = Command(
            ["tar", "-xzf", "-", "-C", disk.work, "--no-same-owner"],
            environment: RunProcesses.inherited)
        command.account = account
        command.input = .read(path: archive)
        command.errors = .append(path: log)
        do {
            if let account { try FileSystem.give(disk.work, to: account) }
            let tar = try await ChildProcess.spawn(command)
            guard let status = await tar.wait(within: SourceUnpacker.timeLimit) else {
                tar.signal(9)
                _ = await tar.wait(within: .seconds(10))
                return .invalid("tar took longer than \(SourceUnpacker.timeLimit)")
            }
            guard status.isSuccess else {
                let words = LogTail.read(log, from: 0, lines: 3, columns: 200)
                return .invalid("tar ended with \(status): \(words.joined(separator: "; "))")
            }
            return .done
        } catch {
            return .invalid("\(error)")
        }
    }
}
