package import Checkpoints
package import Training

/// What a simulated machine's asynchronous code asks of the world around it.
package protocol MachineSurroundings: Sendable {
    var store: any ObjectStore { get }
    var clock: any WallClock { get }
    /// No two calls, of any machine, give the same.
    func draw() -> UInt64
    /// Changes the machine's disk; nil when this life of its agent is over.
    func withDisk<Answer: Sendable>(_ body: (inout SimulatedDisk) -> Answer) -> Answer?
}

/// The files of a simulated machine, as the transfer of checkpoints reaches them.
///
/// A store resolves the absolute paths that it is given by `SimulatedDisk.read` and `write`.
package struct MachineFiles: CheckpointFiles {
    private let surroundings: any MachineSurroundings

    package init(_ surroundings: any MachineSurroundings) {
        self.surroundings = surroundings
    }

    package func absolute(_ path: String) -> String { SimulatedDisk.work + "/" + path }

    package func status(_ path: String) throws(LocalFiles.Failure) -> LocalFiles.Status? {
        let (place, now) = (absolute(path), surroundings.clock.now())
        return try onDisk(path) { disk in
            if let file = disk.files[place] {
                let facts = disk.facts(path, file, at: now)
                return LocalFiles.Status(
                    kind: .file, size: facts.size, modified: facts.modified, inode: facts.inode)
            }
            return disk.holds(place)
                ? LocalFiles.Status(kind: .directory, size: 0, modified: 0, inode: 0) : nil
        }
    }

    package func bytes(of path: String) throws(LocalFiles.Failure) -> any FileBytes {
        try bytes(staged: absolute(path))
    }

    package func bytes(staged absolute: String) throws(LocalFiles.Failure) -> any FileBytes {
        guard let bytes = try onDisk(absolute, { $0.read(absolute) }) else {
            throw LocalFiles.Failure(absolute, MachineFiles.noEntry)
        }
        return HeldBytes(bytes)
    }

    package func read(
        _ facts: FileFacts, proving sums: RecordSums?, copyingTo copy: String?
    ) async throws(FileReading.Failure) -> FileProof {
        let (place, now) = (absolute(facts.path), surroundings.clock.now())
        let read = surroundings.withDisk { disk -> [UInt8]? in
            guard let file = disk.files[place], !file.isGrowing,
                disk.facts(facts.path, file, at: now) == facts
            else { return nil }
            if let copy { disk.write(file.bytes, to: copy, at: now) }
            return file.bytes
        }
        guard let read else { throw .cancelled }
        guard let bytes = read else { throw .changed }
        return FileProof(of: bytes, proving: sums)
    }

    package func withFile(
        _ path: String, _ body: (String) async throws(StoreFailure) -> Void
    ) async throws(StoreFailure) {
        let place = absolute(path)
        guard let opened = surroundings.withDisk({ $0.openFile(place) }) ?? nil else {
            throw .local("\(place) does not exist")
        }
        defer { surroundings.withDisk { $0.close(opened) } }
        try await body(opened)
    }

    package func take(_ source: String, as path: String) throws(LocalFiles.Failure) {
        try move(source, to: absolute(path))
    }

    package func yield(_ path: String, to target: String) throws(LocalFiles.Failure) {
        try move(absolute(path), to: target)
    }

    package func makeDirectory(_ absolute: String) throws(LocalFiles.Failure) {}

    package func remove(_ absolute: String) throws(LocalFiles.Failure) {
        try onDisk(absolute) { $0.remove(absolute) }
    }

    // MARK: Failures

    private static let noEntry: Int32 = 2
    private static let inputOutput: Int32 = 5

    private func move(_ source: String, to target: String) throws(LocalFiles.Failure) {
        guard try onDisk(source, { $0.move(source, to: target) }) else {
            throw LocalFiles.Failure(source, MachineFiles.noEntry)
        }
    }

    private func onDisk<Answer: Sendable>(
        _ path: String, _ body: (inout SimulatedDisk) -> Answer
    ) throws(LocalFiles.Failure) -> Answer {
        guard let answer = surroundings.withDisk(body) else {
            throw LocalFiles.Failure(path, MachineFiles.inputOutput)
        }
        return answer
    }
}
