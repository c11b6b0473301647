import Training

/// What a machine's metadata service shows below `/latest/` as of now.
struct MetadataPage {
    let machine: SimulatedInstance
    let region: String
    let account: String

    /// Nil for what does not exist, which is the normal answer while there is no notice.
    func answer(to path: String, zones: [SimulatedEC2.Zone]) -> [UInt8]? {
        if path == "user-data" {
            return machine.request.userData.isEmpty ? nil : machine.request.userData
        }
        if path == "dynamic/instance-identity/document" { return Array(document.utf8) }
        guard path.hasPrefix("meta-data/") else { return nil }
        let name = String(path.dropFirst("meta-data/".count))
        let zoneID = zones.first { $0.name == machine.pool.zone }?.id
        return (fact(name, zoneID: zoneID) ?? event(name) ?? tag(name)).map { Array($0.utf8) }
    }

    private func fact(_ name: String, zoneID: String?) -> String? {
        switch name {
        case "instance-id": machine.id.text
        case "instance-type": machine.type.name
        case "ami-id": machine.request.imageID
        case "ami-launch-index": String(machine.launchIndex)
        case "reservation-id": machine.reservation
        case "placement/availability-zone": machine.pool.zone
        case "placement/availability-zone-id": zoneID
        case "placement/region": region
        case "local-ipv4": machine.privateAddress
        case "public-ipv4": machine.publicAddress
        case "local-hostname", "hostname": "\(machine.id).\(region).compute.internal"
        case "instance-life-cycle": machine.market.rawValue
        case "instance-action": "none"
        default: nil
        }
    }

    private func event(_ name: String) -> String? {
        switch name {
        case "spot/instance-action":
            machine.interruption.map {
                #"{"action":"\#($0.action.rawValue)","time":"\#($0.time.wholeSeconds)"}"#
            }
        case "spot/termination-time":
            // Only for machines that will be terminated.
            machine.interruption.flatMap {
                $0.action == .terminate ? $0.time.wholeSeconds : nil
            }
        case "events/recommendations/rebalance":
            machine.rebalance.map { #"{"noticeTime":"\#($0.wholeSeconds)"}"# }
        case "events/maintenance/scheduled":
            rows { $0.state == "active" }
        case "events/maintenance/history":
            rows { $0.state != "active" }
        default: nil
        }
    }

    private func rows(where isShown: (SimulatedInstance.Maintenance) -> Bool) -> String {
        let rows = machine.maintenance.filter(isShown).map { row in
            #"{"NotBefore":"\#(row.notBefore.calendarText)","Code":"\#(row.code)","#
                + #""Description":"\#(row.detail)","EventId":"\#(row.id)","#
                + #""NotAfter":"\#(row.notAfter.calendarText)","State":"\#(row.state)"}"#
        }
        return "[" + rows.joined(separator: ",") + "]"
    }

    private func tag(_ name: String) -> String? {
        guard machine.metadata.showsTags, name.hasPrefix("tags/instance") else { return nil }
        let key = name.dropFirst("tags/instance".count)
        if key.isEmpty || key == "/" { return machine.tags.keys.sorted().joined(separator: "\n") }
        return machine.tags[String(key.dropFirst())]
    }

    private var document: String {
        """
        {"accountId":"\(account)","architecture":"x86_64","availabilityZone":"\
        \(machine.pool.zone)","imageId":"\(machine.request.imageID)","instanceId":"\(machine.id)",\
        "instanceType":"\(machine.type.name)","pendingTime":"\(machine.launchTime.wholeSeconds)",\
        "privateIp":"\(machine.privateAddress)","region":"\(region)","version":"2017-09-30"}
        """
    }
}

extension Timestamp {
    /// `21 Jan 2019 09:00:43 GMT`, as maintenance events write times.
    fileprivate var calendarText: String {
        let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ")
        let text = description
        let date = text.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard date.count == 3, months.indices.contains(date[1] - 1) else { return text }
        return "\(date[2]) \(months[date[1] - 1]) \(date[0]) \(text.dropFirst(11).prefix(8)) GMT"
    }
}
