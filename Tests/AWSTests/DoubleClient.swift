import AWS
import TestSupport
import Training
import Transport

extension AWSDoubleProcess {
    /// The client of this room, as the double's administrator, at the double alone.
    func client() throws -> AWSClient {
        AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: FixedCredentials(
                AWSCredentials(
                    accessKeyID: Self.accessKeyID, secretAccessKey: Self.secretAccessKey)),
            endpoints: Endpoints(everything: try HTTPURL(endpoint)), clock: HastyClock())
    }
}

/// Tells the real time, and lets nobody wait for the sake of a real service.
struct HastyClock: WallClock {
    func now() -> Timestamp { RealClock().now() }
    func sleep(for span: Duration) async throws {
        try await Task.sleep(for: min(span, .milliseconds(1)))
    }
}
