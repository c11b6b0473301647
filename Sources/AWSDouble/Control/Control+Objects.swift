import Simulation
import Training

/// A look at buckets from outside: no signature, no rule, no line in the log of calls.
///
/// | call | does |
/// |---|---|
/// | `PUT objects/BUCKET?region=R` | makes a bucket |
/// | `GET objects/BUCKET?prefix=P` | its keys, sorted |
/// | `GET objects/BUCKET/KEY` | the bytes of an object |
/// | `PUT objects/BUCKET/KEY` | changes them as rot would: the ETag stays |
extension Control {
    struct KeyList: Encodable { var keys: [String] }

    func look(
        _ request: WireRequest, _ bucket: String, _ key: String
    ) throws(Refusal) -> WireAnswer {
        let parameter = { (name: String) in
            request.parameters.first { $0.name == name }?.value
        }
        switch (request.method, key.isEmpty) {
        case ("PUT", true):
            let region = parameter("region") ?? "us-east-1"
            do throws(CloudFailure) {
                try cloud.with { model throws(CloudFailure) in
                    try model.s3.createBucket(bucket, region: region)
                }
            } catch {
                throw Refusal(status: error.status, message: error.description)
            }
            return json(KeyList(keys: []))
        case ("GET", true):
            let prefix = parameter("prefix") ?? ""
            let keys = cloud.with { $0.s3.buckets[bucket]?.keyTexts ?? [] }
            return json(KeyList(keys: keys.filter { $0.hasPrefix(prefix) }))
        case ("GET", false):
            guard let object = cloud.with({ $0.s3.object(bucket, key) }) else { throw .unknown }
            return WireAnswer(
                200, headers: [("Content-Type", "application/octet-stream")],
                body: object.content.bytes)
        case ("PUT", false):
            let body = request.body
            cloud.with { $0.s3.damage(bucket, key) { $0 = body } }
            return json(KeyList(keys: [key]))
        default: throw .unknown
        }
    }
}
