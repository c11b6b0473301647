import Training
import Transport

extension AWSClient {
    /// One call of AWS's JSON protocol 1.1, repeated where that is right.
    ///
    /// `target` is the service's own name of the action, with its version; `subject` says in errors
    /// what was asked.
    func ask<Answer: Decodable>(
        _ service: AWSService, in region: String, target: String, _ question: some Encodable,
        about subject: String
    ) async throws(AWSFailure) -> Answer {
        let response = try await send(
            AWSRequest(
                service, region: region, .post,
                headers: [
                    (name: "Content-Type", value: "application/x-amz-json-1.1"),
                    (name: "X-Amz-Target", value: target),
                ],
                body: .bytes(CanonicalJSON.encode(question)), responseLimit: 1 << 20))
        do throws(CanonicalJSON.Failure) {
            return try CanonicalJSON.decode(Answer.self, from: response.body)
        } catch {
            throw .malformed("\(subject): \(error)")
        }
    }
}
