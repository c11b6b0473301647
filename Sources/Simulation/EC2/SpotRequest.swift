package import Training

/// The request behind a spot machine, as DescribeSpotInstanceRequests shows it.
package struct SpotRequest: Hashable, Sendable {
    package enum State: String, Sendable {
        case open
        case active
        case closed
        case cancelled
        case failed
        case disabled
    }

    package let id: String
    package let request: SimulatedEC2.RunInstances
    package let pool: SimulatedEC2.Pool
    package let subnet: String
    package let createTime: Timestamp
    package var state: State
    /// `Status.Code`, such as `fulfilled` or `instance-terminated-no-capacity`.
    package var status: String
    package var statusTime: Timestamp
    package var instance: InstanceID?
    package var tags: [String: String]

    package var isPersistent: Bool { request.spot?.isPersistent == true }
    package var isCancelled: Bool { state == .cancelled }
}
