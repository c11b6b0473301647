import Glibc
import Processes
import Simulation
import Synchronization
import Training

/// The double, put together and answering.
final class RunningDouble: Sendable {
    let port: Int
    private let listener: WireListener
    private let fleet: MachineFleet
    /// Removed at the end; nil: whoever gave it keeps it.
    private let ownFolder: String?
    private let isOver = Mutex(false)

    init(_ program: DoubleProgram) throws {
        let folder = try RunningDouble.folder(program.root)
        ownFolder = program.root == nil ? folder : nil
        let clock = DoubleClock(scale: program.timeScale)
        let (events, told) = AsyncStream.makeStream(of: CloudEvent.self)
        let cloud = Cloud(StartingCloud.make(program, at: clock.now), clock: clock) {
            told.yield($0)
        }
        let listener = try WireListener(port: program.port, clock: clock)
        self.listener = listener
        port = listener.port
        let endpoint = "http://127.0.0.1:\(port)"
        let fleet = MachineFleet(
            folder: folder, endpoint: endpoint, cloud: cloud, runsUserData: program.boot)
        self.fleet = fleet
        let objects = ObjectService(clock: clock) { bucket in
            cloud.with { $0.s3.buckets[bucket]?.region }
        }
        let router = CallRouter(
            cloud: cloud,
            services: [
                ComputeService(fleet: fleet), objects, TokenService(), ParameterService(),
                QueueService(endpoint: endpoint), IdentityService(), QuotaService(),
            ])
        let control = Control(cloud: cloud, fleet: fleet, router: router)
        listener.serve { request in
            request.path.hasPrefix(Control.prefix)
                ? control.answer(request) : router.answer(request)
        }
        Task { await fleet.follow(events) }
        detachThread {
            while true {
                cloud.move()
                usleep(10_000)
            }
        }
    }

    /// Kills all machines; the first call only.
    func end() async {
        let isFirst = isOver.withLock { isOver in
            defer { isOver = true }
            return !isOver
        }
        guard isFirst else { return }
        await fleet.end()
        listener.close()
        if let ownFolder { try? FileSystem.removeTree(ownFolder) }
    }

    private static func folder(_ path: String?) throws(FileFailure) -> String {
        let folder = path ?? "/tmp/holdfast-double-\(FileSystem.randomName())"
        try FileSystem.makeDirectories(folder)
        return try FileSystem.resolve(folder)
    }
}

/// The account as it is when the double starts.
enum StartingCloud {
    static let accessKeyID = "AKIAHOLDFASTDOUBLE00"
    static let secretAccessKey = "double/secret+of/the/administrator0000000"

    /// An administrator with a well-known key, and the roles that Holdfast's documents name; all of
    /// them may do everything until the control API says otherwise.
    static func make(_ program: DoubleProgram, at now: Timestamp) -> SimulatedCloud {
        var cloud = SimulatedCloud(
            regions: program.regions.split(separator: ",").map(String.init),
            account: Cloud.account, at: now, seed: program.seed,
            rules: program.real ? .real : .prompt)
        cloud.iam.setUser(
            "admin", accessKey: accessKeyID, secret: secretAccessKey, policy: .administrator)
        for name in ["holdfast-instance", "holdfast-controller"] {
            cloud.iam.setRole(SimulatedIAM.Role(name: name, policy: .administrator))
        }
        cloud.iam.setRole(SimulatedIAM.Role(name: "holdfast-planner", policy: .reader))
        return cloud
    }
}
