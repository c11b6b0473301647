package import Training
import Transport

/// One bucket in its region, and the clock of the servers that answer for it.
package struct Bucket: Sendable {
    package let name: String
    package let region: String
    let clock = ServerClock()
    /// Answers may be this large whatever was asked for, so that an error can be read, in bytes.
    static let errorLimit = 64 << 10
    private let client: AWSClient

    /// Sends nothing: whether the bucket exists, and in this region, shows at the first call.
    package init(_ name: String, region: String, client: AWSClient) {
        self.name = name
        self.region = region
        self.client = client
    }

    /// Asks the bucket about itself; needs `s3:ListBucket`.
    package func confirm() async throws(StoreFailure) {
        do throws(AWSFailure) {
            _ = try await ask()
        } catch {
            throw StoreFailure(error, about: name, in: self)
        }
    }

    /// The bucket of this name wherever it is, asked in any region; needs `s3:ListBucket`.
    package static func find(
        _ name: String, near region: String, client: AWSClient
    ) async throws(StoreFailure) -> Bucket {
        let bucket = Bucket(name, region: region, client: client)
        let home: String?
        do throws(AWSFailure) {
            home = try await bucket.ask()["x-amz-bucket-region"]
        } catch {
            guard case .refused(let refusal) = error, let region = refusal.bucketRegion else {
                throw StoreFailure(error, about: name, in: bucket)
            }
            home = region
        }
        guard let home, home != region else { return bucket }
        return Bucket(name, region: home, client: client)
    }

    private func ask() async throws(AWSFailure) -> AWSResponse {
        do throws(AWSFailure) {
            return try await send(.head)
        } catch {
            // The answer has no body to say what is missing; here it is the bucket.
            guard case .refused(var refusal) = error, refusal.status == 404 else { throw error }
            refusal.code = "NoSuchBucket"
            throw .refused(refusal)
        }
    }

    /// Sends one request about an object, or about the bucket itself where `key` is nil.
    func send(
        _ method: AWSRequest.Method, _ key: String? = nil,
        query: [(name: String, value: String?)] = [],
        headers: [(name: String, value: String)] = [], body: AWSRequest.Body = .bytes([]),
        retries: AWSRequest.Retries = .safe, deadline: Duration = .seconds(20),
        responseLimit: Int = 8 << 20
    ) async throws(AWSFailure) -> AWSResponse {
        var request = AWSRequest(
            .s3, region: region, method, path: "/\(key ?? "")", query: query, headers: headers,
            body: body, retries: retries, deadline: deadline, responseLimit: responseLimit)
        request.hostPrefix = name
        let response = try await client.send(request)
        clock.note(response.date)
        return response
    }
}
