import Simulation
import Training

/// STS: who am I, and keys for a role (API model 2011-06-15).
struct TokenService: WireService {
    let service = CloudCall.Service.sts

    func call(for request: WireRequest, region: String) -> CloudCall {
        var call = CloudCall(.sts, QueryCall.action(of: request), region: region)
        if var form = try? CallForm(request.body), let role = form.text("RoleArn") {
            call.resources = [role]
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure { QueryCall.refusal(of: fault) }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        QueryCall.document(
            for: failure, namespace: "https://sts.amazonaws.com/doc/2011-06-15/", requestID)
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        var form = try CallForm(call.body.bytes)
        try QueryCall.check(&form, version: "2011-06-15")
        var xml = XMLText()
        let account = cloud.account
        switch call.call.operation {
        case "GetCallerIdentity":
            try form.finish()
            let principal = try cloud.callerIdentity(of: call.call)
            xml.callerIdentity(principal, account: account, requestID: call.requestID)
        case "AssumeRole":
            let asked = try RoleRequest(&form)
            try form.finish()
            let session = try cloud.assumeRole(asked.role, session: asked.name, for: asked.span)
            xml.assumed("AssumeRole", session, account: account, requestID: call.requestID)
        case "AssumeRoleWithWebIdentity":
            let token = try form.needed("WebIdentityToken")
            let asked = try RoleRequest(&form)
            try form.finish()
            let session = try cloud.assumeRoleWithWebIdentity(
                asked.role, session: asked.name, token: token, for: asked.span)
            xml.assumed(
                "AssumeRoleWithWebIdentity", session, account: account,
                requestID: call.requestID)
        default:
            throw CloudFailure(
                "InvalidAction", "Could not find operation \(call.call.operation)")
        }
        return { [xml] in QueryCall.answer(200, xml, call.requestID) }
    }

    /// What both calls for a role ask for.
    private struct RoleRequest {
        var role: String
        var name: String
        var span: Seconds

        init(_ form: inout CallForm) throws(CloudFailure) {
            role = try form.needed("RoleArn")
            name = try form.needed("RoleSessionName")
            span = Seconds(try form.number("DurationSeconds") ?? 3600)
            _ = form.text("ExternalId")
        }
    }
}

extension XMLText {
    fileprivate mutating func callerIdentity(
        _ principal: SimulatedIAM.Principal, account: String, requestID: String
    ) {
        element(
            "GetCallerIdentityResponse", namespace: "https://sts.amazonaws.com/doc/2011-06-15/"
        ) { xml in
            xml.element("GetCallerIdentityResult") { xml in
                xml.element("Arn", principal.arn)
                xml.element("UserId", principal.id)
                xml.element("Account", account)
            }
            xml.metadata(requestID)
        }
    }

    fileprivate mutating func assumed(
        _ action: String, _ session: SimulatedIAM.Session, account: String, requestID: String
    ) {
        let content = { (xml: inout XMLText) in
            xml.element("Credentials") { xml in
                xml.element("AccessKeyId", session.accessKey)
                xml.element("SecretAccessKey", session.secret)
                xml.element("SessionToken", session.token)
                xml.element("Expiration", WireTime(session.expires).isoSeconds)
            }
            xml.element("AssumedRoleUser") { xml in
                xml.element("AssumedRoleId", "AROA\(session.role):\(session.name)")
                xml.element(
                    "Arn",
                    "arn:aws:sts::\(account):assumed-role/\(session.role)/\(session.name)")
            }
        }
        let namespace: StaticString = "https://sts.amazonaws.com/doc/2011-06-15/"
        if action == "AssumeRole" {
            element("AssumeRoleResponse", namespace: namespace) { xml in
                xml.element("AssumeRoleResult", content)
                xml.metadata(requestID)
            }
        } else {
            element("AssumeRoleWithWebIdentityResponse", namespace: namespace) { xml in
                xml.element("AssumeRoleWithWebIdentityResult", content)
                xml.metadata(requestID)
            }
        }
    }

    private mutating func metadata(_ requestID: String) {
        element("ResponseMetadata") { $0.element("RequestId", requestID) }
    }
}
