import Simulation
import Training

/// The rows of the describes that tell what can be launched (API model 2016-11-15).
extension XMLText {
    mutating func item(_ image: SimulatedEC2.Image, account: String) {
        element("item") { xml in
            xml.element("imageId", image.id)
            xml.element("imageLocation", "\(image.owner)/\(image.name)")
            xml.element("imageState", image.state)
            xml.element("imageOwnerId", image.owner == "self" ? account : "898082745236")
            xml.element("creationDate", WireTime(image.created).iso)
            xml.element("isPublic", image.owner != "self")
            xml.element("architecture", image.architecture)
            xml.element("imageType", "machine")
            if image.owner != "self" { xml.element("imageOwnerAlias", image.owner) }
            xml.element("name", image.name)
            xml.element("rootDeviceType", "ebs")
            xml.element("rootDeviceName", image.rootDevice)
            xml.element("blockDeviceMapping") { xml in
                xml.element("item") { xml in
                    xml.element("deviceName", image.rootDevice)
                    xml.element("ebs") { xml in
                        xml.element(
                            "snapshotId", "snap-" + Digest(of: image.id).hex.prefix(17))
                        xml.element("volumeSize", image.rootSize)
                        xml.element("deleteOnTermination", true)
                        xml.element("volumeType", "gp3")
                        xml.element("encrypted", false)
                    }
                }
            }
            xml.element("virtualizationType", "hvm")
            xml.element("hypervisor", "xen")
            xml.element("enaSupport", true)
            xml.element("platformDetails", "Linux/UNIX")
        }
    }

    mutating func item(_ type: SimulatedEC2.MachineType) {
        element("item") { xml in
            xml.element("instanceType", type.name)
            xml.element("currentGeneration", true)
            xml.element("freeTierEligible", false)
            xml.texts("supportedUsageClasses", ["on-demand", "spot"])
            xml.texts("supportedRootDeviceTypes", ["ebs"])
            xml.texts("supportedVirtualizationTypes", ["hvm"])
            xml.element("bareMetal", false)
            xml.element("hypervisor", "nitro")
            xml.element("processorInfo") { $0.texts("supportedArchitectures", ["x86_64"]) }
            xml.element("vCpuInfo") { $0.element("defaultVCpus", type.vCPUs) }
            xml.element("memoryInfo") { $0.element("sizeInMiB", type.memory) }
            xml.element("instanceStorageSupported", type.localStorage > 0)
            if type.localStorage > 0 {
                xml.element("instanceStorageInfo") { xml in
                    xml.element("totalSizeInGB", type.localStorage)
                    xml.element("nvmeSupport", "required")
                }
            }
            if let gpus = type.gpus { xml.gpus(gpus) }
        }
    }

    private mutating func gpus(_ gpus: SimulatedEC2.MachineType.Accelerators) {
        element("gpuInfo") { xml in
            xml.element("gpus") { xml in
                xml.element("item") { xml in
                    xml.element("name", gpus.name)
                    xml.element("manufacturer", gpus.manufacturer)
                    xml.element("count", gpus.count)
                    xml.element("memoryInfo") { $0.element("sizeInMiB", gpus.memory) }
                }
            }
            xml.element("totalGpuMemoryInMiB", gpus.count * gpus.memory)
        }
    }

    mutating func item(_ subnet: SimulatedEC2.Subnet, zoneID: String, account: String) {
        element("item") { xml in
            xml.element("subnetId", subnet.id)
            xml.element("state", "available")
            xml.element("vpcId", subnet.vpc)
            xml.element("cidrBlock", "172.31.0.0/20")
            xml.element("availableIpAddressCount", subnet.freeAddresses)
            xml.element("availabilityZone", subnet.zone)
            xml.element("availabilityZoneId", zoneID)
            xml.element("defaultForAz", subnet.isDefault)
            xml.element("mapPublicIpOnLaunch", subnet.givesPublicAddresses)
            xml.element("ownerId", account)
            xml.tagSet(subnet.tags)
        }
    }

    /// A spot request with what it launches.
    mutating func item(_ request: SpotRequest) {
        element("item") { xml in
            xml.element("spotInstanceRequestId", request.id)
            xml.element("spotPrice", ifAny: request.request.spot?.maxPrice)
            xml.element("type", request.isPersistent ? "persistent" : "one-time")
            xml.element("state", request.state.rawValue)
            xml.element("status") { xml in
                xml.element("code", request.status)
                xml.element("updateTime", WireTime(request.statusTime).iso)
                xml.element("message", request.status)
            }
            xml.element("launchSpecification") { xml in
                xml.element("imageId", request.request.imageID)
                xml.securityGroups(request.request.securityGroupIDs)
                xml.element("instanceType", request.request.instanceType)
                xml.element("placement") { $0.element("availabilityZone", request.pool.zone) }
                xml.element("subnetId", request.subnet)
            }
            xml.element("instanceId", ifAny: request.instance?.text)
            xml.element("createTime", WireTime(request.createTime).iso)
            xml.element("productDescription", "Linux/UNIX")
            xml.tagSet(request.tags)
            xml.element("launchedAvailabilityZone", request.pool.zone)
            let behavior = request.request.spot?.interruptionBehavior ?? .terminate
            xml.element("instanceInterruptionBehavior", behavior.rawValue)
        }
    }

    mutating func texts(_ name: StaticString, _ texts: [String]) {
        element(name) { xml in
            for text in texts { xml.element("item", text) }
        }
    }
}
