import Simulation
import Training

/// What happens to the account as a whole, and the log of what was called.
///
/// | call | body |
/// |---|---|
/// | `roles` | `{"name", "policy": an IAM policy, "webIdentityToken"}` |
/// | `users` | `{"name", "accessKey", "secret", "policy"}` |
/// | `expire-sessions` | `{"role"}`; without it all |
/// | `buckets` | `{"name", "region"}`, made without a call |
/// | `parameters` | `{"name", "value", "region", "secure"}` |
/// | `queues` | `{"name", "region", "events"}`: whether EC2's events go there |
/// | `damage` | `{"bucket", "key"}`: the object's first byte changes, its ETag does not |
/// | `least-part-size` | `{"bytes"}`: smaller parts than S3's 5 MiB, so that tests are quick |
/// | `largest-page` | `{"keys"}`: smaller pages of listings than S3's 1,000 |
extension Control {
    private struct RoleOrder: Decodable {
        var name: String
        var policy: PolicyDocument
        var webIdentityToken: String?
    }
    private struct UserOrder: Decodable {
        var name: String
        var accessKey: String
        var secret: String
        var policy: PolicyDocument
    }
    private struct PageSize: Decodable { var keys: Int }
    private struct Expiry: Decodable { var role: String? }
    private struct BucketOrder: Decodable {
        var name: String
        var region: String
    }
    private struct ParameterOrder: Decodable {
        var name: String
        var value: String
        var region: String
        var secure: Bool?
    }
    private struct QueueOrder: Decodable {
        var name: String
        var region: String
        var events: Bool?
    }
    private struct Place: Decodable {
        var bucket: String
        var key: String
    }
    private struct Size: Decodable { var bytes: Int }

    func set(_ thing: String, _ body: [UInt8]) throws(Refusal) {
        switch thing {
        case "roles":
            let order = try read(RoleOrder.self, body)
            let role = SimulatedIAM.Role(
                name: order.name, policy: order.policy, webIdentityToken: order.webIdentityToken)
            cloud.with { $0.iam.setRole(role) }
        case "users":
            let order = try read(UserOrder.self, body)
            cloud.with {
                $0.iam.setUser(
                    order.name, accessKey: order.accessKey, secret: order.secret,
                    policy: order.policy)
            }
        case "expire-sessions":
            let role = try read(Expiry.self, body).role
            cloud.with { $0.iam.expireSessions(of: role, at: $0.now) }
        case "buckets":
            let order = try read(BucketOrder.self, body)
            do throws(CloudFailure) {
                try cloud.with { model throws(CloudFailure) in
                    try model.s3.createBucket(order.name, region: order.region)
                }
            } catch {
                throw Refusal(status: error.status, message: error.description)
            }
        case "parameters":
            let order = try read(ParameterOrder.self, body)
            let kind: SimulatedSSM.Parameter.Kind = order.secure == true ? .secure : .string
            cloud.with { $0.ssm.put(order.name, kind, order.value, in: order.region) }
        case "queues":
            let order = try read(QueueOrder.self, body)
            cloud.with { model in
                model.sqs.createQueue(order.name, in: order.region)
                if order.events == true { model.eventQueues[order.region] = order.name }
            }
        case "damage":
            let place = try read(Place.self, body)
            cloud.with { model in
                model.s3.damage(place.bucket, place.key) { bytes in
                    if !bytes.isEmpty { bytes[0] ^= 0xff }
                }
            }
        case "least-part-size":
            let size = try read(Size.self, body).bytes
            cloud.with { $0.s3.leastPartSize = size }
        case "largest-page":
            let keys = try read(PageSize.self, body).keys
            cloud.with { $0.s3.largestPage = max(keys, 1) }
        default: throw .unknown
        }
    }

    func add(_ order: FaultOrder) throws(Refusal) {
        let rule = try order.rule(at: cloud.clock.now)
        cloud.with { $0.faults.set(order.name, rule) }
    }

    // MARK: The log

    struct CallList: Encodable {
        /// Of all calls ever, also of those that are no longer listed.
        var total: Int
        var calls: [LoggedCall]
    }

    struct LoggedCall: Encodable {
        var number: Int
        var at: Timestamp
        var service: String
        var operation: String
        var region: String
        var resources: [String]
        /// The ARN of who asked; empty when unknown.
        var caller: String
        /// `ok` or the error's code; with ` (unanswered)` when the caller never learned.
        var outcome: String
    }

    func calls(after number: Int) -> CallList {
        let (total, records) = cloud.with { ($0.log.total, $0.log.records) }
        return CallList(
            total: total,
            calls: records.filter { $0.number > number }.map { record in
                LoggedCall(
                    number: record.number, at: record.at, service: record.call.service.rawValue,
                    operation: record.call.operation, region: record.call.region,
                    resources: record.call.resources, caller: record.caller,
                    outcome: record.outcome)
            })
    }
}
