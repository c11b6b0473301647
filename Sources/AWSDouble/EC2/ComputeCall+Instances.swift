import Simulation
import Training

/// Calls about instances.
extension ComputeCall {
    mutating func runInstances(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let request = try SimulatedEC2.RunInstances(&form)
        try form.finish()
        let made = try model.runInstances(request)
        return answer("RunInstancesResponse", capacity: 3_000 * made.count + 1_000) { xml in
            xml.reservation(made[...])
        }
    }

    mutating func describeInstances(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        var call = SimulatedEC2.DescribeInstances()
        call.instanceIDs = instanceIDs()
        call.filters = try filters()
        call.maxResults = try form.number("MaxResults")
        call.nextToken = form.text("NextToken")
        call.dryRun = try dryRun()
        _ = try form.flag("IncludeManagedResources")
        try form.finish()
        let page = try model.describeInstances(call)
        let size = 3_000 * page.items.count + 1_000
        return answer("DescribeInstancesResponse", capacity: size) { xml in
            xml.element("reservationSet") { xml in
                // Machines of one launch follow one another only by chance, as on EC2.
                var rest = page.items[...]
                while let first = rest.first {
                    let end = rest.firstIndex { $0.reservation != first.reservation }
                    let together = rest[..<(end ?? rest.endIndex)]
                    xml.element("item") { $0.reservation(together) }
                    rest = rest[together.endIndex...]
                }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func terminateInstances(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let (ids, isDry) = (instanceIDs(), try dryRun())
        _ = try form.flag("SkipOsShutdown")
        try form.finish()
        let changes = try model.terminateInstances(ids, dryRun: isDry)
        return answer("TerminateInstancesResponse") { $0.changes(changes) }
    }

    mutating func stopInstances(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let (ids, isDry) = (instanceIDs(), try dryRun())
        _ = try form.flag("Force")
        try form.finish()
        let changes = try model.stopInstances(ids, dryRun: isDry)
        return answer("StopInstancesResponse") { $0.changes(changes) }
    }

    mutating func startInstances(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let (ids, isDry) = (instanceIDs(), try dryRun())
        try form.finish()
        let changes = try model.startInstances(ids, dryRun: isDry)
        return answer("StartInstancesResponse") { $0.changes(changes) }
    }

    mutating func createTags(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let resources = form.list("ResourceId")
        let tags = try SimulatedEC2.KeyValue.list(&form, "Tag")
        let isDry = try dryRun()
        try form.finish()
        try model.createTags(resources, tags, dryRun: isDry)
        return answer("CreateTagsResponse") { $0.element("return", true) }
    }

    mutating func deleteTags(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let resources = form.list("ResourceId")
        var keys: [String] = []
        for prefix in form.groups("Tag") { keys.append(try form.needed(prefix + "Key")) }
        let isDry = try dryRun()
        try form.finish()
        try model.deleteTags(resources, keys: keys, dryRun: isDry)
        return answer("DeleteTagsResponse") { $0.element("return", true) }
    }

    /// What the machine really printed goes to the model first.
    mutating func getConsoleOutput(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let id = InstanceID(try form.needed("InstanceId"))
        _ = try form.flag("Latest")
        _ = try dryRun()
        try form.finish()
        let news = fleet.consoleNews(of: id)
        if !news.isEmpty { model.write(news, toConsoleOf: id) }
        let output = try model.getConsoleOutput(id)
        return answer("GetConsoleOutputResponse", capacity: 100_000) { xml in
            xml.element("instanceId", id.text)
            xml.element("timestamp", WireTime(output.time).iso)
            xml.element("output", WireBase64.encode(output.bytes))
        }
    }
}

extension XMLText {
    fileprivate mutating func reservation(_ machines: ArraySlice<SimulatedInstance>) {
        element("reservationId", machines.first?.reservation ?? "")
        element("ownerId", Cloud.account)
        element("groupSet") { _ in }
        element("instancesSet") { xml in
            for machine in machines { xml.item(machine, account: Cloud.account) }
        }
    }

    fileprivate mutating func changes(_ changes: [SimulatedEC2.StateChange]) {
        element("instancesSet") { xml in
            for change in changes {
                xml.element("item") { xml in
                    xml.element("instanceId", change.instance.text)
                    xml.element("currentState") { $0.state(change.current) }
                    xml.element("previousState") { $0.state(change.previous) }
                }
            }
        }
    }
}
