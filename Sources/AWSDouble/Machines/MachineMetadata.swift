import Simulation
import Synchronization
import Training

/// The metadata service of one machine over HTTP: what it says is the model's.
///
/// Source: the EC2 user guide, "Use the Instance Metadata Service".
final class MachineMetadata: Sendable {
    private let id: InstanceID
    private let region: String
    private let cloud: Cloud
    private let isOff = Mutex(false)

    init(_ id: InstanceID, in region: String, cloud: Cloud) {
        self.id = id
        self.region = region
        self.cloud = cloud
    }

    /// Refuses everything, as after `HttpEndpoint=disabled` on a running machine.
    var isSwitchedOff: Bool {
        get { isOff.withLock { $0 } }
        set { isOff.withLock { $0 = newValue } }
    }

    func answer(_ request: WireRequest) -> WireAnswer {
        guard !isSwitchedOff else { return plain(403, "403 - Forbidden") }
        guard request.path.hasPrefix("/latest/") else { return plain(404, "404 - Not Found") }
        let path = PercentCoding.decode(request.path.dropFirst("/latest/".count))
        do throws(CloudFailure) {
            return try path == "api/token" ? token(request) : content(path, request)
        } catch {
            // A machine that is off has nobody to answer.
            return error.status == 503 ? .lost : plain(error.status, error.message)
        }
    }

    private func token(_ request: WireRequest) throws(CloudFailure) -> WireAnswer {
        guard request.method == "PUT" else { return plain(405, "405 - Method Not Allowed") }
        let header = "x-aws-ec2-metadata-token-ttl-seconds"
        let (seconds, now) = (request[header], cloud.clock.now)
        let isForwarded = request["x-forwarded-for"] != nil
        let token = try cloud.with { model throws(CloudFailure) in
            try model.metadataToken(
                id, in: region, timeToLive: seconds, isForwarded: isForwarded, at: now)
        }
        var answer = plain(200, token)
        answer.headers.append((header, seconds ?? ""))
        return answer
    }

    private func content(
        _ path: String, _ request: WireRequest
    ) throws(CloudFailure) -> WireAnswer {
        guard request.method == "GET" || request.method == "HEAD" else {
            return plain(405, "405 - Method Not Allowed")
        }
        let token = request["x-aws-ec2-metadata-token"]
        // The service takes this folder with and without its slash.
        let path = path == "meta-data/iam/security-credentials" ? path + "/" : path
        let now = cloud.clock.now
        let bytes = try cloud.with { model throws(CloudFailure) in
            try model.metadata(path, of: id, in: region, token: token, at: now)
        }
        return WireAnswer(200, headers: [("Content-Type", "text/plain")], body: bytes)
    }

    private func plain(_ status: Int, _ text: String) -> WireAnswer {
        WireAnswer(status, type: "text/plain", text)
    }
}
