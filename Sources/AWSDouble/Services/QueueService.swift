import Simulation
import Training

/// SQS (AWS JSON 1.0, API model 2012-11-05); a receive answers at once, however long it would wait.
struct QueueService: WireService {
    let service = CloudCall.Service.sqs
    /// The double's own address, which queue URLs begin with.
    let endpoint: String

    private struct Asked: Decodable {
        var QueueName: String?
        var QueueUrl: String?
        var MessageBody: String?
        var ReceiptHandle: String?
        var MaxNumberOfMessages: Int?
        var VisibilityTimeout: Int?

        var queue: String {
            QueueName ?? QueueUrl?.split(separator: "/").last.map(String.init) ?? ""
        }
    }

    private struct Queue: Encodable, Sendable {
        var QueueUrl: String
    }

    private struct Sent: Encodable, Sendable {
        var MessageId: String
        var MD5OfMessageBody: String
    }

    private struct Received: Encodable, Sendable {
        struct Message: Encodable, Sendable {
            var MessageId: String
            var ReceiptHandle: String
            var Body: String
            var MD5OfBody: String
            var Attributes: [String: String]
        }

        /// Left out when there are none, as SQS does.
        var Messages: [Message]?
    }

    private struct Nothing: Encodable, Sendable {}

    func call(for request: WireRequest, region: String) -> CloudCall {
        var call = CloudCall(.sqs, JSONCall.operation(of: request), region: region)
        if let asked = try? JSONCall.read(Asked.self, request.body) {
            call.resources = [asked.queue]
        }
        return call
    }

    func refusal(of fault: SignatureFault) -> CloudFailure { JSONCall.refusal(of: fault) }

    func document(for failure: CloudFailure, of call: CloudCall, requestID: String) -> WireAnswer {
        var answer = JSONCall.document(
            for: failure, version: "1.0", requestID: requestID, shape: "com.amazonaws.sqs#")
        if failure.code == "QueueDoesNotExist" {
            // The name from the time of the Query protocol, which SDKs still show.
            answer.headers.append(
                ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"))
        }
        return answer
    }

    func perform(
        _ call: ServiceCall, on cloud: inout SimulatedCloud
    ) throws(CloudFailure) -> Rendering {
        let asked = try JSONCall.read(Asked.self, call.body.bytes)
        let (queue, region) = (asked.queue, call.call.region)
        switch call.call.operation {
        case "CreateQueue":
            cloud.sqs.createQueue(queue, in: region)
            return answer(Queue(QueueUrl: url(queue, cloud)), call)
        case "GetQueueUrl":
            guard cloud.sqs.hasQueue(queue, in: region) else {
                throw CloudFailure(
                    "QueueDoesNotExist", "The specified queue does not exist.")
            }
            return answer(Queue(QueueUrl: url(queue, cloud)), call)
        case "SendMessage":
            let body = asked.MessageBody ?? ""
            let id = try cloud.sqs.sendMessage(body, to: queue, in: region, at: cloud.now)
            return answer(Sent(MessageId: id, MD5OfMessageBody: digest(body)), call)
        case "ReceiveMessage":
            let found = try cloud.sqs.receiveMessages(
                from: queue, in: region, most: asked.MaxNumberOfMessages ?? 1,
                visibility: Seconds(asked.VisibilityTimeout ?? 30), at: cloud.now)
            let messages = found.map { message in
                Received.Message(
                    MessageId: message.id, ReceiptHandle: message.receipt, Body: message.body,
                    MD5OfBody: digest(message.body),
                    Attributes: [
                        "ApproximateReceiveCount": String(message.receives),
                        "SentTimestamp": String(message.sent.milliseconds),
                    ])
            }
            return answer(Received(Messages: messages.isEmpty ? nil : messages), call)
        case "DeleteMessage":
            try cloud.sqs.deleteMessage(asked.ReceiptHandle ?? "", from: queue, in: region)
            return answer(Nothing(), call)
        default:
            throw CloudFailure("UnknownOperationException", "\(call.call.operation) is unknown")
        }
    }

    private func answer(_ value: some Encodable & Sendable, _ call: ServiceCall) -> Rendering {
        JSONCall.answer(value, version: "1.0", call.requestID)
    }

    private func url(_ queue: String, _ cloud: SimulatedCloud) -> String {
        "\(endpoint)/\(cloud.account)/\(queue)"
    }

    private func digest(_ text: String) -> String {
        MessageDigest5.digest(of: Array(text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
