import Training
import Transport

/// EC2 in one region, by its query API of version 2016-11-15.
///
/// Nothing here repeats a call: the client does, as far as the call allows.
package struct EC2: Sendable {
    /// A list of more pages than this never ends: a million machines, or a service gone wrong.
    private static let greatestPageCount = 1_000

    package let region: String
    private let client: AWSClient

    package init(_ client: AWSClient, region: String) {
        self.client = client
        self.region = region
    }

    /// Sends one call and reads its answer.
    @concurrent
    package func send<Call: EC2Call>(_ call: Call) async throws(AWSFailure) -> Call.Answer {
        try await Call.read(answer(to: call))
    }

    /// The whole list, page by page, empty pages among them; throws rather than give a part.
    @concurrent
    package func list<List: EC2List>(_ list: List) async throws(AWSFailure) -> [List.Item] {
        var items: [List.Item] = []
        var token: String?
        for _ in 0..<EC2.greatestPageCount {
            let page = try await answer(to: list, token: token)
            items += try List.read(page)
            let next = page.text("nextToken") ?? ""
            if next.isEmpty { return items }
            guard next != token else {
                throw .malformed("\(List.action): a page that points to itself")
            }
            token = next
        }
        throw .malformed("\(List.action): more than \(EC2.greatestPageCount) pages")
    }

    /// Asks whether the call would be allowed; nothing happens (`DryRun`).
    ///
    /// Returns when it would be. Throws `.refused` when it would not be: as `UnauthorizedOperation`
    /// where a permission is missing, else since the call itself is wrong.
    @concurrent
    package func rehearse(_ call: some EC2Call) async throws(AWSFailure) {
        do throws(AWSFailure) {
            _ = try await answer(to: call, isDryRun: true)
        } catch .refused(let error) where error.code == "DryRunOperation" {
            return
        }
        throw .malformed("a dry run that is not answered as one")
    }

    private func answer<Call: EC2Call>(
        to call: Call, token: String? = nil, isDryRun: Bool? = nil
    ) async throws(AWSFailure) -> XMLElement {
        var form = QueryForm(action: Call.action, version: "2016-11-15")
        call.add(to: &form)
        form.add("NextToken", token)
        form.add("DryRun", isDryRun)
        let response = try await client.send(
            AWSRequest(
                .ec2, region: region, .post, headers: [QueryForm.contentType],
                body: .bytes(form.bytes), retries: Call.retries, deadline: Call.deadline,
                responseLimit: 64 << 20, cost: Call.cost))
        do throws(XMLFault) {
            let root = try XMLDocument(response.body).root
            guard root.name == "\(Call.action)Response" else {
                throw XMLFault(reason: "not a \(Call.action)Response", line: 1, column: 1)
            }
            return root
        } catch {
            throw .malformed("\(Call.action): \(error)")
        }
    }
}
