import Simulation
import Training

/// SSM's Parameter Store (AWS JSON 1.1, API model 2014-11-06).
struct ParameterService: WireService {
    let service = CloudCall.Service.ssm

    private struct GetParameter: Decodable {
        var Name: String?
        var WithDecryption: Bool?
    }

    private struct GetParameters: Decodable {
        var Names: [String]
        var WithDecryption: Bool?
    }

    private struct Parameter: Encodable, Sendable {
        var ARN: String
        var DataType = "text"
        var LastModifiedDate: Double
        var Name: String
        var Kind: String
        var Value: String
        var Version: Int

        enum CodingKeys: String, CodingKey {
            case ARN, DataType, LastModifiedDate, Name, Value, Version
            case Kind = "Type"
        }
    }

    private struct Found: Encodable, Sendable {
        var Parameter: Parameter
    }

    private struct FoundMany: Encodable, Sendable {
        var Parameters: [Parameter]
        var InvalidParameters: [String]
    }

    func call(for request: WireRequest, region: String) -> CloudCall {
        var call = CloudCall(.ssm, JSONCall.operation(of: request), region: region)
        if let one = try? JSONCall.read(GetParameter.self, request.body), let name = one.Name {
            call.resources = [name]
        } else if let many = try? JSONCall.read(GetParameters.self, request.body) {
            call.resources = many.Names
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure { JSONCall.refusal(of: fault) }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        JSONCall.document(for: failure, version: "1.1", requestID: requestID)
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        switch call.call.operation {
        case "GetParameter":
            let asked = try JSONCall.read(GetParameter.self, call.body.bytes)
            let found = try find(
                asked.Name ?? "", asked.WithDecryption ?? false, in: cloud, call.call.region)
            return JSONCall.answer(Found(Parameter: found), version: "1.1", call.requestID)
        case "GetParameters":
            let asked = try JSONCall.read(GetParameters.self, call.body.bytes)
            var found = FoundMany(Parameters: [], InvalidParameters: [])
            for name in asked.Names {
                do throws(CloudFailure) {
                    found.Parameters.append(
                        try find(name, asked.WithDecryption ?? false, in: cloud, call.call.region))
                } catch {
                    found.InvalidParameters.append(name)
                }
            }
            return JSONCall.answer(found, version: "1.1", call.requestID)
        default:
            throw CloudFailure("UnknownOperationException", "\(call.call.operation) is unknown")
        }
    }

    private func find(
        _ name: String, _ decrypting: Bool, in cloud: SimulatedCloud, _ region: String
    ) throws(CloudFailure) -> Parameter {
        let found = try cloud.ssm.getParameter(name, decrypting: decrypting, in: region)
        let path = name.hasPrefix("/") ? name : "/" + name
        return Parameter(
            ARN: "arn:aws:ssm:\(region):\(cloud.account):parameter\(path)",
            LastModifiedDate: Double(cloud.now.milliseconds) / 1000, Name: found.name,
            Kind: found.kind.rawValue, Value: found.value, Version: found.version)
    }
}
