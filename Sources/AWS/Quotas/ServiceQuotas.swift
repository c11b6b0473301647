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
        let subject = "GetServiceQuota \(quota.code)"
        let answer: Answer = try await client.ask(
            .serviceQuotas, in: region, target: "ServiceQuotasV20190624.GetServiceQuota",
            Question(service: "ec2", quota: quota.code), about: subject)
        guard let limit = Int(exactly: answer.quota.value.rounded(.down)), limit >= 0 else {
            let fault = CanonicalJSON.Failure.malformed("the value is no count")
            throw .malformed("\(subject): \(fault)")
        }
        return limit
    }
}
