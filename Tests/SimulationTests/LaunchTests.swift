import Simulation
import Testing
import Training

struct LaunchTests {
    typealias Change = @Sendable (inout SimulatedEC2.RunInstances) -> Void

    private static let wrong: [(String, Change)] = [
        ("InvalidAMIID.NotFound", { $0.imageID = "ami-00000000" }),
        ("InvalidAMIID.Malformed", { $0.imageID = "nothing" }),
        ("MissingParameter", { $0.imageID = "" }),
        ("InvalidSubnetID.NotFound", { $0.subnetID = "subnet-1" }),
        ("InvalidGroup.NotFound", { $0.securityGroupIDs = ["sg-1"] }),
        ("InvalidKeyPair.NotFound", { $0.keyName = "nobody" }),
        ("InvalidParameterValue", { $0.instanceProfile = "nobody" }),
        ("InvalidParameterValue", { $0.instanceType = "x9.large" }),
        ("InvalidParameterValue", { $0.userData = Array(repeating: 0, count: 16_385) }),
        ("InvalidParameterValue", { $0.minCount = 0 }),
        ("InvalidParameterValue", { $0.minCount = 3 }),
        ("InvalidParameterCombination", { $0.zone = "us-east-1b" }),
        ("InvalidParameterValue", { $0.zone = "eu-west-1a" }),
        (
            "InvalidBlockDeviceMapping",
            { $0.blockDevices = [.init(deviceName: "/dev/sda1", volumeSize: 8)] }
        ),
        ("InvalidParameterValue", { $0.tagSpecifications[0].tags = [.init("aws:x", "1")] }),
        (
            "InvalidParameterValue",
            { $0.tagSpecifications[0].tags = [.init("a", "1"), .init("a", "2")] }
        ),
        (
            "TagLimitExceeded",
            { $0.tagSpecifications[0].tags = (0..<51).map { .init("k\($0)", "") } }
        ),
        (
            "InvalidParameterValue",
            {
                $0.metadata.showsTags = true
                $0.tagSpecifications[0].tags = [.init("a.b/c", "1")]
            }
        ),
        (
            "InvalidParameterValue",
            { $0.tagSpecifications.append(.init("spot-instances-request", [])) }
        ),
        ("DryRunOperation", { $0.dryRun = true }),
        (
            "InvalidParameterCombination",
            {
                $0.spot = .init()
                $0.spot?.interruptionBehavior = .stop
            }
        ),
        (
            "InvalidParameterCombination",
            {
                $0.spot = .init()
                $0.spot?.isPersistent = true
            }
        ),
        (
            "SpotMaxPriceTooLow",
            {
                $0.spot = .init()
                $0.spot?.maxPrice = "0.1"
            }
        ),
    ]

    @Test("a wrong request → EC2's own code, and no machine", arguments: wrong.indices)
    func refused(index: Int) {
        var region = Region()
        var order = region.order("t")
        Self.wrong[index].1(&order)
        let code = region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
        #expect(code == Self.wrong[index].0)
        #expect(region.ec2.instances.isEmpty)
    }

    @Test("a type that the zone does not offer → Unsupported")
    func notOffered() {
        var region = Region()
        region.ec2.place.notOffered["us-east-1a"] = ["g5.xlarge"]
        let order = region.order()
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
                == "Unsupported")
    }

    @Test("no spot role → AuthFailure.ServiceLinkedRoleCreationNotPermitted")
    func spotRole() {
        var region = Region { $0.hasSpotRole = false }
        let order = region.spotOrder()
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
                == "AuthFailure.ServiceLinkedRoleCreationNotPermitted")
    }

    @Test("a quota of eight vCPUs → two of four, then VcpuLimitExceeded until one has ended")
    func quota() throws {
        var region = Region { $0.quotas[.init(.onDemand, .graphics)] = 8 }
        let order = region.order()
        let first = try region.running(order)
        _ = try region.running(order)
        let send = { (ec2: inout SimulatedEC2) throws(CloudFailure) in
            _ = try ec2.runInstances(order)
        }
        #expect(region.code(send) == "VcpuLimitExceeded")
        _ = try region.ec2.terminateInstances([first])
        region.pass(3000)
        #expect(region.code(send) == nil)
    }

    @Test("three of five asked for have room → three, unless all five must be")
    func partly() throws {
        var region = Region()
        region.ec2.setSlots(3, ofType: "g5.xlarge", market: .onDemand)
        var order = region.order()
        (order.minCount, order.maxCount) = (5, 5)
        let all = order
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(all) }
                == "InsufficientInstanceCapacity")
        order.minCount = 1
        let machines = try region.ec2.runInstances(order)
        #expect(machines.map(\.launchIndex) == [0, 1, 2])
        #expect(Set(machines.map(\.reservation)).count == 1)
    }

    @Test("a subnet without addresses → InsufficientFreeAddressesInSubnet; an end gives one back")
    func addresses() throws {
        var region = Region()
        region.ec2.place.subnets[0].freeAddresses = 1
        let order = region.order()
        let id = try region.running(order)
        let send = { (ec2: inout SimulatedEC2) throws(CloudFailure) in
            _ = try ec2.runInstances(order)
        }
        #expect(region.code(send) == "InsufficientFreeAddressesInSubnet")
        _ = try region.ec2.terminateInstances([id])
        region.pass(3000)
        #expect(region.code(send) == nil)
    }

    @Test("six launches at once → the sixth is throttled with 503, and a second later is not")
    func throttled() throws {
        var region = Region()
        let order = region.order()
        for _ in 0..<5 { _ = try region.ec2.runInstances(order) }
        #expect(
            throws: CloudFailure(status: 503, "RequestLimitExceeded", "Request limit exceeded.")
        ) { try region.ec2.runInstances(order) }
        region.pass(1000)
        _ = try region.ec2.runInstances(order)
    }
}
