import Training

/// The limits of an account in a region (JSON protocol 1.1, version 2019-06-24).
package struct ServiceQuotas: Sendable {
    private let client: AWSClient
    private let region: String

    package init(_ client: AWSClient, region: String) {
        self.client = client
        self.region = region
    }

    private struct Question: Encodable {
        var service: String
        var quota: String

        private enum CodingKeys: String, CodingKey {
            case service = "ServiceCode"
            case quota = "QuotaCode"
        }
    }

    private struct Answer: Decodable {
        struct Quota: Decodable {
            var value: Double

            private enum CodingKeys: String, CodingKey {
                case value = "Value"
            }
        }

        var quota: Quota

        private enum CodingKeys: String, CodingKey {
            case quota = "Quota"
        }
    }

    /// How many CPUs of a class may run at once; needs `servicequotas:GetServiceQuota`.
    package func limit(of quota: CPUQuota) async throws(AWSFailure) -> Int {
        let question = Question(service: "ec2", quota: quota.code)
        let response = try await client.send(
            AWSRequest(
                .serviceQuotas, region: region, .post,
                headers: [
                    (name: "Content-Type", value: "application/x-amz-json-1.1"),
                    (name: "X-Amz-Target", value: "ServiceQuotasV20190624.GetServiceQuota"),
                ],
                body: .bytes(CanonicalJSON.encode(question)), responseLimit: 1 << 20))
        do throws(CanonicalJSON.Failure) {
            let value = try CanonicalJSON.decode(Answer.self, from: response.body).quota.value
            guard let limit = Int(exactly: value.rounded(.down)), limit >= 0 else {
                throw .malformed("the value is no count")
            }
            return limit
        } catch {
            throw .malformed("GetServiceQuota \(quota.code): \(error)")
        }
    }
}
