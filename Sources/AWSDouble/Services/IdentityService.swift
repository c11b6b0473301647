import Simulation

/// IAM, as far as an account is looked at (API model 2010-05-08).
struct IdentityService: WireService {
    let service = CloudCall.Service.iam
    private static let namespace: StaticString = "https://iam.amazonaws.com/doc/2010-05-08/"

    func call(for request: WireRequest, region: String) -> CloudCall {
        var call = CloudCall(.iam, QueryCall.action(of: request), region: region)
        if var form = try? CallForm(request.body), let role = form.text("RoleName") {
            call.resources = [role]
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure { QueryCall.refusal(of: fault) }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        QueryCall.document(for: failure, namespace: Self.namespace, requestID)
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        var form = try CallForm(call.body.bytes)
        try QueryCall.check(&form, version: "2010-05-08")
        guard call.call.operation == "GetRole" else {
            throw CloudFailure(
                "InvalidAction", "Could not find operation \(call.call.operation)")
        }
        let name = try form.needed("RoleName")
        try form.finish()
        let role = try cloud.getRole(name)
        var xml = XMLText()
        xml.element("GetRoleResponse", namespace: Self.namespace) { xml in
            xml.element("GetRoleResult") { xml in
                xml.element("Role") { xml in
                    xml.element("Path", role.path)
                    xml.element("RoleName", role.name)
                    xml.element("RoleId", role.id)
                    xml.element("Arn", role.arn)
                    // The model keeps no history; clients need some date.
                    xml.element("CreateDate", "2020-01-01T00:00:00Z")
                }
            }
            xml.element("ResponseMetadata") { $0.element("RequestId", call.requestID) }
        }
        return { [xml] in QueryCall.answer(200, xml, call.requestID) }
    }
}
