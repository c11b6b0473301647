import AWS
import Checkpoints
import Local
import Training
import Transport

/// EC2 and S3, as the AWS configuration of this person or machine reaches them.
struct CloudPlace: Sendable {
    let client: AWSClient
    let credentials: CachedCredentials
    /// Of the AWS configuration; nil: it names none.
    let region: String?
    let endpoints: Endpoints
    /// The operator's own before the published ones.
    let prices: PriceTable

    /// `prices`: the path of a file with prices, see `PriceTable`.
    init(
        environment: [String: String], prices path: String? = nil
    ) throws(CommandFailure) {
        do {
            prices = try CloudPlace.prices(path)
            let shared = try SharedConfiguration(environment: environment)
            let http = try HTTPClient(trust: shared.trust)
            let clock = SystemClock()
            credentials = CachedCredentials(
                CredentialChain(
                    environment: environment, http: http, clock: clock,
                    runner: CredentialCommand()), clock: clock)
            endpoints = try Endpoints(shared)
            region = shared.region
            client = AWSClient(
                http: http, credentials: credentials, endpoints: endpoints, clock: clock)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    static func prices(_ path: String?) throws(CommandFailure) -> PriceTable {
        guard let path else { return .published }
        guard let bytes = try LocalText.read(path, limit: 4 << 20) else {
            throw CommandFailure("\(path): no such file", advice: "check --prices")
        }
        do {
            let own = try PriceTable(String(decoding: bytes, as: UTF8.self), place: path)
            return PriceTable.published.overridden(by: own)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// The records below `location`, in the region that the policy or the AWS configuration names.
    func records(
        at location: S3Location, region declared: String?, writer: String
    ) throws(CommandFailure) -> OpenRecords {
        guard let region = declared ?? region else {
            throw CommandFailure(
                "the region of \(location) is not known",
                advice: "set state_region in the policy, or AWS_REGION")
        }
        let store = S3Store(location, region: region, client: client)
        return OpenRecords(
            store: RecordStore(store, writer: writer), url: location.description, region: region)
    }

    var providers: EC2Providers { EC2Providers(client, prices: prices, clock: SystemClock()) }
}
