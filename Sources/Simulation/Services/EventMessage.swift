import Training

/// EventBridge's messages about machines (EC2 user guide, "EventBridge events").
enum EventMessage {
    /// The JSON of an event; nil for one that AWS does not publish.
    static func body(of event: CloudEvent, account: String, id: String) -> String? {
        let instance = event.instance.text
        switch event.kind {
        case .noticed(let interruption):
            let action = interruption.action.rawValue
            return text(
                event, account, id, "EC2 Spot Instance Interruption Warning",
                #""instance-id":"\#(instance)","instance-action":"\#(action)""#)
        case .rebalanceRecommended:
            return text(
                event, account, id, "EC2 Instance Rebalance Recommendation",
                #""instance-id":"\#(instance)""#)
        case .booted: return change(event, account, id, .running)
        case .powerCut(let state): return change(event, account, id, state)
        case .maintenanceScheduled, .shutdownAsked, .faded: return nil
        }
    }

    private static func change(
        _ event: CloudEvent, _ account: String, _ id: String, _ state: SimulatedInstance.State
    ) -> String {
        text(
            event, account, id, "EC2 Instance State-change Notification",
            #""instance-id":"\#(event.instance)","state":"\#(state.rawValue)""#)
    }

    private static func text(
        _ event: CloudEvent, _ account: String, _ id: String, _ kind: String, _ detail: String
    ) -> String {
        let arn = "arn:aws:ec2:\(event.region):\(account):instance/\(event.instance)"
        return #"{"version":"0","id":"\#(id)","detail-type":"\#(kind)","source":"aws.ec2","#
            + #""account":"\#(account)","time":"\#(event.at.wholeSeconds)","#
            + #""region":"\#(event.region)","resources":["\#(arn)"],"detail":{\#(detail)}}"#
    }
}

extension Timestamp {
    /// RFC 3339 without a fraction, as AWS writes most times: `2026-01-01T00:00:00Z`.
    package var wholeSeconds: String { description.prefix(19) + "Z" }
}
