package import Training
import Transport

/// The Security Token Service: who asks, and roles to assume (API version 2011-06-15).
package struct STS: Sendable {
    private let client: AWSClient
    private let region: String

    package init(_ client: AWSClient, region: String) {
        self.client = client
        self.region = region
    }

    /// Who signs; nobody can be forbidden to ask.
    package func callerIdentity() async throws(AWSFailure) -> CallerIdentity {
        let (result, date) = try await answer(form("GetCallerIdentity"), "GetCallerIdentity")
        guard let account = result.text("Account"), let arn = result.text("Arn") else {
            throw .malformed("GetCallerIdentity: no Account or no Arn")
        }
        return CallerIdentity(
            account: account, arn: arn, userID: result.text("UserId") ?? "", serverTime: date)
    }

    /// Credentials of a role for whoever signs.
    package func assumeRole(_ role: RoleRequest) async throws(AWSFailure) -> AWSCredentials {
        var form = form("AssumeRole")
        role.add(to: &form)
        form.add("ExternalId", role.externalID)
        return try STS.credentials(in: try await call(form, "AssumeRole"))
    }

    /// Credentials of a role for the holder of an identity provider's token; not signed.
    package func assumeRole(
        _ role: RoleRequest, webIdentity token: String
    ) async throws(AWSFailure) -> AWSCredentials {
        var form = form("AssumeRoleWithWebIdentity")
        role.add(to: &form)
        form.add("WebIdentityToken", token)
        return try STS.credentials(
            in: try await call(form, "AssumeRoleWithWebIdentity", isSigned: false))
    }

    /// What an `UnauthorizedOperation` of EC2 hides: JSON that names the missing permission.
    ///
    /// Needs `sts:DecodeAuthorizationMessage`.
    package func decode(authorizationMessage: String) async throws(AWSFailure) -> String {
        var form = form("DecodeAuthorizationMessage")
        form.add("EncodedMessage", authorizationMessage)
        let result = try await call(form, "DecodeAuthorizationMessage")
        guard let text = result.text("DecodedMessage") else {
            throw .malformed("DecodeAuthorizationMessage: no DecodedMessage")
        }
        return text
    }

    private func form(_ action: String) -> QueryForm {
        QueryForm(action: action, version: "2011-06-15")
    }

    /// The element that holds the result.
    private func call(
        _ form: QueryForm, _ action: String, isSigned: Bool = true
    ) async throws(AWSFailure) -> XMLElement {
        try await answer(form, action, isSigned: isSigned).result
    }

    /// The element that holds the result, and the server's time.
    private func answer(
        _ form: QueryForm, _ action: String, isSigned: Bool = true
    ) async throws(AWSFailure) -> (result: XMLElement, date: Timestamp?) {
        var request = AWSRequest(
            .sts, region: region, .post, headers: [QueryForm.contentType],
            body: .bytes(form.bytes), responseLimit: 1 << 20)
        request.isSigned = isSigned
        let response = try await client.send(request)
        do throws(XMLFault) {
            let root = try XMLDocument(response.body).root
            guard let result = root["\(action)Result"] else {
                throw XMLFault(reason: "no \(action)Result", line: 1, column: 1)
            }
            return (result, response.date)
        } catch {
            throw .malformed("\(action): \(error)")
        }
    }

    private static func credentials(in result: XMLElement) throws(AWSFailure) -> AWSCredentials {
        guard let element = result["Credentials"], let id = element.text("AccessKeyId"),
            let secret = element.text("SecretAccessKey"), let token = element.text("SessionToken"),
            let expiration = element.text("Expiration").flatMap({ Timestamp($0) }),
            !id.isEmpty, !secret.isEmpty
        else { throw .malformed("the role's credentials are incomplete") }
        return AWSCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: token,
            expiration: expiration)
    }
}

/// Who signs a request.
package struct CallerIdentity: Hashable, Sendable {
    /// Twelve digits.
    package var account: String
    package var arn: String
    package var userID: String
    /// The clock of STS when it answered, in whole seconds.
    package var serverTime: Timestamp?

    package init(
        account: String, arn: String, userID: String, serverTime: Timestamp? = nil
    ) {
        self.account = account
        self.arn = arn
        self.userID = userID
        self.serverTime = serverTime
    }
}

/// A role to assume.
package struct RoleRequest: Hashable, Sendable {
    package var arn: String
    /// Stands in CloudTrail; `holdfast` where nil.
    package var session: String?
    package var externalID: String?
    /// Of the credentials, 15 minutes to 12 hours; nil for the service's own default, an hour.
    package var duration: Seconds?

    package init(
        arn: String, session: String? = nil, externalID: String? = nil, duration: Seconds? = nil
    ) {
        self.arn = arn
        self.session = session
        self.externalID = externalID
        self.duration = duration
    }

    fileprivate func add(to form: inout QueryForm) {
        form.add("RoleArn", arn)
        form.add("RoleSessionName", session ?? "holdfast")
        form.add("DurationSeconds", duration?.count)
    }
}
