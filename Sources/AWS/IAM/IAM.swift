import Transport

/// Identity and Access Management, as far as an account is looked at (API version 2010-05-08).
///
/// One for a whole partition: it does not matter which of its regions is given.
package struct IAM: Sendable {
    private let client: AWSClient
    private let region: String

    package init(_ client: AWSClient, region: String) {
        self.client = client
        self.region = AWSPartition(region: region)?.mainRegion ?? region
    }

    /// Whether the account has a role of this name; needs `iam:GetRole` on it.
    package func hasRole(_ name: String) async throws(AWSFailure) -> Bool {
        var form = QueryForm(action: "GetRole", version: "2010-05-08")
        form.add("RoleName", name)
        let response: AWSResponse
        do throws(AWSFailure) {
            response = try await client.send(
                AWSRequest(
                    .iam, region: region, .post, headers: [QueryForm.contentType],
                    body: .bytes(form.bytes), responseLimit: 1 << 20))
        } catch .refused(let error) where error.code == "NoSuchEntity" {
            return false
        }
        do throws(XMLFault) {
            let role = try XMLDocument(response.body).root["GetRoleResult"]?["Role"]
            guard role?.text("RoleName") == name else {
                throw XMLFault(reason: "not the role that was asked for", line: 1, column: 1)
            }
            return true
        } catch {
            throw .malformed("GetRole: \(error)")
        }
    }
}
