import Simulation
import Training

extension XMLText {
    /// An instance, as `DescribeInstances` and `RunInstances` show it (API model 2016-11-15).
    mutating func item(_ instance: SimulatedInstance, account: String) {
        element("item") { xml in
            xml.element("instanceId", instance.id.text)
            xml.element("imageId", instance.request.imageID)
            xml.element("instanceState") { $0.state(instance.state) }
            xml.element("privateDnsName", XMLText.hostName(instance))
            xml.element("dnsName", "")
            xml.element("reason", instance.reason?.transition ?? "")
            xml.element("keyName", ifAny: instance.request.keyName)
            xml.element("amiLaunchIndex", instance.launchIndex)
            xml.element("productCodes") { _ in }
            xml.element("instanceType", instance.type.name)
            xml.element("launchTime", WireTime(instance.launchTime).iso)
            xml.element("placement") { xml in
                xml.element("availabilityZone", instance.pool.zone)
                xml.element("groupName", "")
                xml.element("tenancy", "default")
            }
            xml.element("monitoring") { $0.element("state", "disabled") }
            if !instance.hasEnded {
                xml.element("subnetId", instance.subnet)
                xml.element("vpcId", instance.vpc)
                xml.element("privateIpAddress", instance.privateAddress)
                if instance.state == .running || instance.state == .pending {
                    xml.element("ipAddress", ifAny: instance.publicAddress)
                }
            }
            xml.securityGroups(instance.hasEnded ? [] : instance.request.securityGroupIDs)
            if let reason = instance.reason {
                xml.element("stateReason") { xml in
                    xml.element("code", reason.code)
                    xml.element("message", reason.message)
                }
            }
            xml.hardware(instance)
            xml.element("clientToken", instance.request.clientToken ?? "")
            xml.tagSet(instance.tags)
            xml.profile(instance, account: account)
            xml.metadata(instance)
        }
    }

    mutating func state(_ state: SimulatedInstance.State) {
        element("code", state.code)
        element("name", state.rawValue)
    }

    /// Nothing for a resource without tags, as EC2 does.
    mutating func tagSet(_ tags: [String: String]) {
        guard !tags.isEmpty else { return }
        element("tagSet") { xml in
            for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
                xml.element("item") { xml in
                    xml.element("key", key)
                    xml.element("value", value)
                }
            }
        }
    }

    mutating func securityGroups(_ groups: [String]) {
        element("groupSet") { xml in
            for group in groups {
                xml.element("item") { xml in
                    xml.element("groupId", group)
                    xml.element("groupName", group)
                }
            }
        }
    }

    private mutating func hardware(_ instance: SimulatedInstance) {
        element("architecture", "x86_64")
        element("rootDeviceType", "ebs")
        let device = instance.request.blockDevices.first?.deviceName ?? "/dev/sda1"
        element("rootDeviceName", device)
        element("blockDeviceMapping") { xml in
            guard instance.state != .terminated else { return }
            xml.element("item") { xml in
                xml.element("deviceName", device)
                xml.element("ebs") { xml in
                    xml.element("volumeId", instance.rootVolume)
                    xml.element("status", "attached")
                    xml.element("attachTime", WireTime(instance.launchTime).iso)
                    let deletes = instance.request.blockDevices.first?.deletesOnTermination
                    xml.element("deleteOnTermination", deletes ?? true)
                }
            }
        }
        element("virtualizationType", "hvm")
        if instance.market == .spot { element("instanceLifecycle", "spot") }
        element("spotInstanceRequestId", ifAny: instance.spotRequest)
        element("hypervisor", "xen")
        element("ebsOptimized", false)
        element("enaSupport", true)
        element("sourceDestCheck", true)
    }

    private mutating func profile(_ instance: SimulatedInstance, account: String) {
        guard let profile = instance.instanceProfile else { return }
        element("iamInstanceProfile") { xml in
            xml.element("arn", "arn:aws:iam::\(account):instance-profile/\(profile)")
            xml.element("id", "AIPA" + Digest(of: profile).hex.prefix(17).uppercased())
        }
    }

    private mutating func metadata(_ instance: SimulatedInstance) {
        let options = instance.metadata
        element("metadataOptions") { xml in
            xml.element("state", "applied")
            xml.element("httpTokens", options.requiresTokens ? "required" : "optional")
            xml.element("httpPutResponseHopLimit", options.hopLimit)
            xml.element("httpEndpoint", options.isEnabled ? "enabled" : "disabled")
            xml.element("httpProtocolIpv6", "disabled")
            xml.element("instanceMetadataTags", options.showsTags ? "enabled" : "disabled")
        }
    }

    private static func hostName(_ instance: SimulatedInstance) -> String {
        "ip-" + String(instance.privateAddress.map { $0 == "." ? "-" : $0 }) + ".ec2.internal"
    }
}
