package import Training

extension EC2 {
    /// A machine as EC2 describes it.
    package struct MachineDescription: Hashable, Sendable {
        /// The request that it was bought with; nil on demand.
        package var spotRequest: String?
        /// All but its region, which EC2 does not name.
        private var machine: Instance

        init(_ item: XMLElement) throws(AWSFailure) {
            let state = item["instanceState"]
            guard let code = state?.text("code").flatMap({ Int($0) }),
                let known = MachineDescription.state(code: code),
                let launchedAt = item.text("launchTime").flatMap({ Timestamp($0) })
            else {
                throw .malformed("a machine without a known state or without launchTime")
            }
            var tags: [String: String] = [:]
            for tag in item.items("tagSet") {
                tags[try tag.required("key")] = tag.text("value") ?? ""
            }
            machine = Instance(
                id: InstanceID(try item.required("instanceId")), state: known,
                stateReason: item["stateReason"]?.text("code") ?? "",
                // `scheduled` and `capacity-block` machines are paid for like those on demand.
                market: item.text("instanceLifecycle") == "spot" ? .spot : .onDemand,
                region: "", clientToken: item.text("clientToken") ?? "", tags: tags,
                launchedAt: launchedAt,
                stateSince: item.text("reason").flatMap(MachineDescription.time),
                instanceType: item.text("instanceType") ?? "",
                zone: item["placement"]?.text("availabilityZone") ?? "")
            spotRequest = item.text("spotInstanceRequestId")
        }

        package func instance(in region: String) -> Instance {
            var instance = machine
            instance.region = region
            return instance
        }

        /// Only the low byte counts (EC2 API reference, InstanceState).
        private static func state(code: Int) -> Instance.State? {
            switch code & 0xff {
            case 0: .pending
            case 16: .running
            case 32: .shuttingDown
            case 48: .terminated
            case 64: .stopping
            case 80: .stopped
            default: nil
            }
        }

        /// The time in `User initiated (2026-11-21 12:00:00 GMT)`; EC2 promises no form.
        private static func time(in reason: String) -> Timestamp? {
            guard let open = reason.lastIndex(of: "("), reason.hasSuffix(" GMT)") else {
                return nil
            }
            let parts = reason[reason.index(after: open)...].dropLast(5).split(separator: " ")
            return parts.count == 2 ? Timestamp("\(parts[0])T\(parts[1])Z") : nil
        }
    }
}
