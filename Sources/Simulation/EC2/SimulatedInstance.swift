package import Training

/// A machine of the simulated EC2: what it describes and what its metadata service shows.
package struct SimulatedInstance: Hashable, Sendable {
    package enum State: String, Sendable {
        case pending
        case running
        case shuttingDown = "shutting-down"
        case terminated
        case stopping
        case stopped

        /// The number that EC2 describes the state with.
        package var code: Int {
            switch self {
            case .pending: 0
            case .running: 16
            case .shuttingDown: 32
            case .terminated: 48
            case .stopping: 64
            case .stopped: 80
            }
        }
    }

    /// Why it left the running state, and when: `StateReason`, and the older text of `reason`.
    package struct Reason: Hashable, Sendable {
        package var cause: SimulatedEC2.Cause
        package var at: Timestamp

        package var code: String { cause.rawValue }
        package var message: String { "\(code): \(cause.words)" }
        /// `StateTransitionReason`, such as `User initiated (2026-01-01 00:00:00 GMT)`.
        package var transition: String {
            guard cause == .user else { return code }
            let moment = at.description.prefix(19).split(separator: "T").joined(separator: " ")
            return "User initiated (\(moment) GMT)"
        }
    }

    /// What EC2 does to an interrupted machine, and when.
    package struct Interruption: Hashable, Sendable {
        package var action: InterruptionBehavior
        package var time: Timestamp
    }

    /// A row of `events/maintenance`.
    package struct Maintenance: Hashable, Sendable {
        package var id: String
        /// `instance-reboot`, `system-reboot`, `system-maintenance`, `instance-retirement` or
        /// `instance-stop`.
        package var code: String
        package var detail: String
        package var notBefore: Timestamp
        package var notAfter: Timestamp
        /// `active`, `completed` or `canceled`.
        package var state: String

        package init(
            id: String, code: String, detail: String, notBefore: Timestamp, notAfter: Timestamp,
            state: String = "active"
        ) {
            self.id = id
            self.code = code
            self.detail = detail
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.state = state
        }
    }

    /// What never changes; shared by every copy of the machine, which makes copies cheap.
    final class Origin: Sendable {
        let reservation: String
        let launchIndex: Int
        let request: SimulatedEC2.RunInstances
        let type: SimulatedEC2.MachineType
        let pool: SimulatedEC2.Pool
        let subnet: SimulatedEC2.Subnet
        let address: String
        let rootVolume: String

        init(
            reservation: String, launchIndex: Int, request: SimulatedEC2.RunInstances,
            type: SimulatedEC2.MachineType, pool: SimulatedEC2.Pool,
            subnet: SimulatedEC2.Subnet, address: String, rootVolume: String
        ) {
            self.reservation = reservation
            self.launchIndex = launchIndex
            self.request = request
            self.type = type
            self.pool = pool
            self.subnet = subnet
            self.address = address
            self.rootVolume = rootVolume
        }
    }

    package let id: InstanceID
    let origin: Origin
    package var spotRequest: String?
    package var state: State
    package var reason: Reason?
    /// Of the last start, not of the first launch.
    package var launchTime: Timestamp
    package var stateSince: Timestamp
    package var tags: [String: String]
    /// Describes find it from then on.
    package var visibleFrom: Timestamp
    /// How often it has come up.
    package var boots = 0
    package var interruption: Interruption?
    package var rebalance: Timestamp?
    package var maintenance: [Maintenance] = []
    package var metadata: SimulatedEC2.MetadataOptions
    package var isTerminationProtected: Bool
    /// What it wrote to its serial console; the newest 64 KiB.
    package var console: [UInt8] = []
    /// When it last wrote there.
    package var consoleTime: Timestamp?

    /// Entries of the agenda for an earlier state are stale.
    var epoch = 0
    /// What becomes of it once it is down.
    var isRestartedByEC2 = false

    package var hasEnded: Bool { state == .terminated || state == .shuttingDown }
    /// Its name of instance profile, if it has one.
    package var instanceProfile: String? {
        request.instanceProfile.map { String($0.split(separator: "/").last ?? "") }
    }
}

extension SimulatedInstance {
    package var reservation: String { origin.reservation }
    /// Its place among the machines of one launch, from 0.
    package var launchIndex: Int { origin.launchIndex }
    /// What it was launched with.
    package var request: SimulatedEC2.RunInstances { origin.request }
    package var type: SimulatedEC2.MachineType { origin.type }
    package var pool: SimulatedEC2.Pool { origin.pool }
    package var market: SimulatedMarket { origin.pool.market }
    package var subnet: String { origin.subnet.id }
    package var vpc: String { origin.subnet.vpc }
    package var privateAddress: String { "172.31." + origin.address }
    package var publicAddress: String? {
        origin.subnet.givesPublicAddresses ? "203.0." + origin.address : nil
    }
    package var rootVolume: String { origin.rootVolume }
}

/// A machine's origin is one only.
extension SimulatedInstance.Origin: Hashable {
    static func == (a: SimulatedInstance.Origin, b: SimulatedInstance.Origin) -> Bool { a === b }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// How a machine is bought.
package enum SimulatedMarket: String, Hashable, Sendable, Comparable, Codable {
    case onDemand = "on-demand"
    case spot

    package static func < (a: SimulatedMarket, b: SimulatedMarket) -> Bool {
        a.rawValue < b.rawValue
    }
}

/// What EC2 does when it takes a spot machine.
package enum InterruptionBehavior: String, Hashable, Sendable {
    case terminate
    case stop
    case hibernate
}
