import Glibc
import Training

/// The agent's program, as machines on EC2 fetch it: by its digest, from the store.
struct AgentProgram: Sendable {
    let path: String
    let sha256: Digest

    init(path: String) throws(CommandFailure) {
        self.path = path
        sha256 = try AgentProgram.digest(of: path)
    }

    /// Stores the program unless it is there already; the same bytes always have the same key.
    func publish(to store: any ObjectStore) async throws(CommandFailure) {
        let key = StoreLayout.agent(sha256)
        do {
            if try await store.head(key) != nil { return }
            try await store.upload(file: path, to: key, sha256: sha256, if: .absent)
        } catch .conditionFailed {
            // Another process stored it meanwhile.
        } catch {
            throw CommandFailure("the agent cannot be stored: \(error)")
        }
    }

    private static func digest(of path: String) throws(CommandFailure) -> Digest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(
                "\(path): \(String(cString: strerror(errno)))",
                advice: "machines need the agent: build it with `swift build -c release "
                    + "--static-swift-stdlib --product reconcile-agent`, or name it with --agent")
        }
        defer { close(descriptor) }
        var stream = DigestStream()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                let count = read(descriptor, bytes.baseAddress, bytes.count)
                if count > 0 { stream.update(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
                return count
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure("\(path): \(String(cString: strerror(errno)))")
            }
            if count == 0 { return stream.finish() }
        }
    }
}
