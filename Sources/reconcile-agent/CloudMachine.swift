import AWS
import Local
import Processes
import Supervision
import Training
import Transport

/// A machine on EC2: its metadata, the store in S3 by its role's credentials, and systemd.
struct CloudMachine: MachinePlace {
    let configuration: AgentConfiguration
    let identity: MachineIdentity
    let ports: AgentPorts

    /// Tries to learn who it is; seconds between them, since the network may come up late.
    private static let tries = 20
    private static let pause = Duration.seconds(3)

    /// `configuration` is the path of the file that the first boot wrote; `environment` may name
    /// other endpoints than AWS's, and the root of the machine's files.
    init(configuration path: String, environment: [String: String]) async throws(AgentFailure) {
        configuration = try CloudMachine.read(path)
        let clock = SystemClock()
        let http: HTTPClient
        do throws(TransportFailure) {
            http = try HTTPClient()
        } catch {
            throw .configuration("\(error)")
        }
        let client = MetadataClient(environment: environment, http: http)
        let root = environment["HOLDFAST_ROOT"] ?? ""
        let metadata = InstanceMetadata(
            client, bootFile: "\(root)/proc/sys/kernel/random/boot_id")
        let region: String
        (identity, region) = try await CloudMachine.identity(metadata, clock)
        let aws = try CloudMachine.client(client, http, environment, clock)
        guard let location = S3Location(configuration.storeURL),
            let storeRegion = configuration.storeRegion
        else { throw .configuration("the store \(configuration.storeURL) is not in S3") }
        let store = S3Store(location, region: storeRegion, client: aws)
        guard store.identity == configuration.store else {
            throw .configuration("\(configuration.storeURL) is another store than at the launch")
        }
        ports = AgentPorts(
            store: store, metadata: metadata, clock: clock,
            secrets: ParameterSecrets(SSM(aws, region: region)),
            mounts: S3Mounts(near: region, client: aws))
    }

    private static func read(_ path: String) throws(AgentFailure) -> AgentConfiguration {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            bytes = try FileSystem.read(path, limit: 64 << 10)
        } catch {
            throw .configuration("\(error)")
        }
        guard let bytes else { throw .configuration("\(path) is not there") }
        return try AgentConfiguration(userData: bytes)
    }

    private static func identity(
        _ metadata: InstanceMetadata, _ clock: SystemClock
    ) async throws(AgentFailure) -> (MachineIdentity, region: String) {
        var failure = MetadataFailure.unavailable("not asked")
        for _ in 0..<tries {
            do throws(MetadataFailure) {
                return (try await metadata.identity(), try await metadata.region())
            } catch {
                failure = error
            }
            MachineLog.error("instance metadata: \(failure)")
            try? await clock.sleep(for: pause)
        }
        throw .configuration("instance metadata: \(failure)")
    }

    /// Signs with the instance's role, whatever else the environment may offer.
    private static func client(
        _ metadata: MetadataClient, _ http: HTTPClient, _ environment: [String: String],
        _ clock: SystemClock
    ) throws(AgentFailure) -> AWSClient {
        do throws(ConfigurationFailure) {
            let endpoints = try Endpoints(SharedConfiguration(environment: environment))
            let credentials = try CachedCredentials(
                instanceRole: metadata, http: http, clock: clock)
            return AWSClient(
                http: http, credentials: credentials, endpoints: endpoints, clock: clock)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// What that leads to, EC2 knows from the launch: its `InstanceInitiatedShutdownBehavior`.
    func powerOff(_ how: PowerOff, _ disk: MachineDisk) async throws(AgentFailure) {
        let command = Command(
            ["systemctl", "poweroff"], environment: Command.currentEnvironment)
        let status: WaitStatus?
        do throws(SpawnFailure) {
            let order = try await ChildProcess.spawn(command)
            status = await order.wait(within: .seconds(30))
        } catch {
            throw .machine("\(error)")
        }
        guard status?.isSuccess == true else {
            throw .machine("systemctl poweroff did not succeed")
        }
    }
}
