import Simulation

/// Service Quotas (AWS JSON 1.1, API model 2019-06-24).
struct QuotaService: WireService {
    let service = CloudCall.Service.quotas

    private struct Question: Decodable {
        var ServiceCode: String
        var QuotaCode: String
    }

    private struct Answer: Encodable, Sendable {
        struct Quota: Encodable, Sendable {
            var ServiceCode: String
            var QuotaArn: String
            var QuotaCode: String
            var Value: Double
            var Unit = "None"
            var Adjustable = true
            var GlobalQuota = false
        }

        var Quota: Quota
    }

    func call(for request: WireRequest, region: String) -> CloudCall {
        CloudCall(.quotas, JSONCall.operation(of: request), region: region)
    }

    func refusal(of fault: SignatureFault) -> CloudFailure { JSONCall.refusal(of: fault) }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        JSONCall.document(for: failure, version: "1.1", requestID: requestID)
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        guard call.call.operation == "GetServiceQuota" else {
            throw CloudFailure("UnknownOperationException", "\(call.call.operation) is unknown")
        }
        let asked = try JSONCall.read(Question.self, call.body.bytes)
        let region = call.call.region
        let value = try cloud.serviceQuota(asked.QuotaCode, of: asked.ServiceCode, in: region)
        let quota = Answer.Quota(
            ServiceCode: asked.ServiceCode,
            QuotaArn: "arn:aws:servicequotas:\(region):\(cloud.account):ec2/\(asked.QuotaCode)",
            QuotaCode: asked.QuotaCode, Value: Double(value))
        return JSONCall.answer(Answer(Quota: quota), version: "1.1", call.requestID)
    }
}
