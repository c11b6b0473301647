import Training

/// What machines keep, for the ports of their agents.
extension WorldState {
    func file(_ path: String, of process: ProcessID) throws(StoreFailure) -> [UInt8] {
        throw .local("\(path) is not there")
    }

    mutating func write(
        _ bytes: [UInt8], to path: String, of process: ProcessID
    ) throws(StoreFailure) {
        throw .local("\(path) cannot be written")
    }

    mutating func renewHeartbeats() {}
}
