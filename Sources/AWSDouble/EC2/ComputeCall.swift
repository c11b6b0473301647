import Simulation
import Training

/// One EC2 call: its parameters on the way in, its document on the way out.
struct ComputeCall {
    var form: CallForm
    let region: String
    let requestID: String
    let fleet: MachineFleet

    mutating func perform(
        _ action: String, on model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        switch action {
        case "RunInstances": try runInstances(&model)
        case "DescribeInstances": try describeInstances(&model)
        case "TerminateInstances": try terminateInstances(&model)
        case "StopInstances": try stopInstances(&model)
        case "StartInstances": try startInstances(&model)
        case "CreateTags": try createTags(&model)
        case "DeleteTags": try deleteTags(&model)
        case "GetConsoleOutput": try getConsoleOutput(&model)
        case "DescribeSpotInstanceRequests": try describeSpotInstanceRequests(&model)
        case "CancelSpotInstanceRequests": try cancelSpotInstanceRequests(&model)
        case "DescribeSpotPriceHistory": try describeSpotPriceHistory(&model)
        case "DescribeImages": try describeImages(&model)
        case "DescribeInstanceTypes": try describeInstanceTypes(&model)
        case "DescribeInstanceTypeOfferings": try describeInstanceTypeOfferings(&model)
        case "DescribeSubnets": try describeSubnets(&model)
        case "DescribeAvailabilityZones": try describeAvailabilityZones(&model)
        default:
            throw CloudFailure(
                "InvalidAction", "The action \(action) is not valid for this web service.")
        }
    }

    mutating func filters() throws(CloudFailure) -> [SimulatedEC2.Filter] {
        var filters: [SimulatedEC2.Filter] = []
        for prefix in form.groups("Filter") {
            filters.append(
                SimulatedEC2.Filter(
                    try form.needed(prefix + "Name"), form.list(prefix + "Value")))
        }
        return filters
    }

    /// An answer's root and its request id around `content`.
    func answer(
        _ name: StaticString, capacity: Int = 1 << 12,
        _ content: @escaping @Sendable (inout XMLText) -> Void
    ) -> Rendering {
        { [requestID] in
            var xml = XMLText(capacity: capacity)
            xml.element(name, namespace: "http://ec2.amazonaws.com/doc/2016-11-15/") { xml in
                xml.element("requestId", requestID)
                content(&xml)
            }
            return QueryCall.answer(200, xml, requestID)
        }
    }

    mutating func instanceIDs() -> [InstanceID] { form.list("InstanceId").map { InstanceID($0) } }

    mutating func dryRun() throws(CloudFailure) -> Bool { try form.flag("DryRun") ?? false }
}
