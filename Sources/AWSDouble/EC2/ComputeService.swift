import Simulation
import Training

/// EC2's Query protocol (API model 2016-11-15).
struct ComputeService: WireService {
    let service = CloudCall.Service.ec2
    let fleet: MachineFleet

    func call(for request: WireRequest, region: String) -> CloudCall {
        var call = CloudCall(.ec2, QueryCall.action(of: request), region: region)
        guard var form = try? CallForm(request.body) else { return call }
        for name in ["InstanceId", "ResourceId", "SpotInstanceRequestId"] {
            call.resources += form.list(name)
        }
        guard call.operation == "RunInstances" else { return call }
        if let name = form.text("IamInstanceProfile.Name") {
            call.conditions["ec2:InstanceProfile"] = [
                "arn:aws:iam::\(Cloud.account):instance-profile/\(name)"
            ]
        } else if let arn = form.text("IamInstanceProfile.Arn") {
            call.conditions["ec2:InstanceProfile"] = [arn]
        }
        for prefix in form.groups("TagSpecification").flatMap({ form.groups($0 + "Tag") }) {
            guard let key = form.text(prefix + "Key") else { continue }
            call.conditions["aws:RequestTag/" + key] = [form.text(prefix + "Value") ?? ""]
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure {
        switch fault {
        case .unknownKey, .wrongToken, .mismatch, .wrongPayload, .unsignedHeader:
            CloudFailure(
                status: 401, "AuthFailure",
                "AWS was not able to validate the provided access credentials")
        case .skewed(let request, let server) where request < server:
            CloudFailure("RequestExpired", "Request has expired.")
        case .skewed:
            CloudFailure(
                status: 401, "AuthFailure",
                "AWS was not able to validate the provided access credentials")
        case .missing, .malformed, .wrongRegion, .unsupported: QueryCall.refusal(of: fault)
        }
    }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        var xml = XMLText()
        xml.element("Response") { xml in
            xml.element("Errors") { xml in
                xml.element("Error") { xml in
                    xml.element("Code", failure.code)
                    xml.element("Message", failure.message)
                }
            }
            xml.element("RequestID", requestID)
        }
        return QueryCall.answer(failure.status, xml, requestID)
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        var form = try CallForm(call.body.bytes)
        try QueryCall.check(&form, version: "2016-11-15")
        var compute = ComputeCall(
            form: form, region: call.call.region, requestID: call.requestID, fleet: fleet)
        return try compute.perform(call.call.operation, on: &cloud[ec2: call.call.region])
    }
}
