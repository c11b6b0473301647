import TestSupport
import Testing
import Training

@testable import AWS

struct EC2PlacementTests {
    private func query(
        _ choices: [MachineChoice], zones: [String] = [], subnets: [String] = [],
        image: String? = "ami-1", markets: [Market] = [.spot, .onDemand]
    ) -> PlacementQuery {
        PlacementQuery(
            region: "us-east-1", zones: zones, subnets: subnets,
            image: image.flatMap { ImageReference($0) }, choices: choices, markets: markets)
    }

    private func gpu(_ text: String) -> MachineChoice {
        MachineChoice(accelerators: Accelerators(text))
    }

    private static func type(
        _ name: String, _ gpu: (name: String, count: Int, memory: Int)?, _ classes: [String],
        architecture: String = "x86_64"
    ) -> String {
        let gpus =
            gpu.map {
                "<gpuInfo><gpus><item><name>\($0.name)</name><count>\($0.count)</count>"
                    + "<memoryInfo><sizeInMiB>\($0.memory)</sizeInMiB></memoryInfo></item></gpus>"
                    + "</gpuInfo>"
            } ?? ""
        return "<item><instanceType>\(name)</instanceType><supportedUsageClasses>"
            + classes.map { "<item>\($0)</item>" }.joined()
            + "</supportedUsageClasses><processorInfo><supportedArchitectures>"
            + "<item>\(architecture)</item></supportedArchitectures></processorInfo>"
            + "<vCpuInfo><defaultVCpus>4</defaultVCpus></vCpuInfo>"
            + "<memoryInfo><sizeInMiB>16384</sizeInMiB></memoryInfo>\(gpus)</item>"
    }

    private static func subnet(
        _ id: String, _ zone: String, free: Int, state: String = "available"
    ) -> String {
        "<item><subnetId>\(id)</subnetId><availabilityZone>\(zone)</availabilityZone>"
            + "<state>\(state)</state><availableIpAddressCount>\(free)</availableIpAddressCount>"
            + "</item>"
    }

    private static func image(_ more: String = "", architecture: String = "x86_64") -> String {
        "<imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState>"
            + "<architecture>\(architecture)</architecture><rootDeviceName>/dev/sda1"
            + "</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs>"
            + "<volumeSize>45</volumeSize></ebs></item></blockDeviceMapping></item></imagesSet>"
    }

    /// A region with six types, three subnets, and prices of two pools.
    private func fill(_ scene: EC2Scene, free: Int = 100) async throws {
        let both = ["on-demand", "spot"]
        try await scene.answer("DescribeImages", Self.image())
        try await scene.answer(
            "DescribeInstanceTypes",
            "<instanceTypeSet>"
                + Self.type("g5.xlarge", ("A10G", 1, 22888), both)
                + Self.type("g5.12xlarge", ("A10G", 4, 22888), both)
                + Self.type("p4d.24xlarge", ("A100", 8, 40960), both)
                + "</instanceTypeSet><nextToken>more</nextToken>")
        try await scene.answer(
            "DescribeInstanceTypes",
            "<instanceTypeSet>"
                + Self.type("p4de.24xlarge", ("A100", 8, 81920), ["on-demand"])
                + Self.type("m6i.2xlarge", nil, both)
                + Self.type("g5g.xlarge", ("T4g", 1, 16384), both, architecture: "arm64")
                + "</instanceTypeSet>")
        try await scene.answer(
            "DescribeSubnets",
            "<subnetSet>" + Self.subnet("subnet-a1", "us-east-1a", free: free)
                + Self.subnet("subnet-a2", "us-east-1a", free: free * 2)
                + Self.subnet("subnet-b", "us-east-1b", free: free)
                + Self.subnet("subnet-c", "us-east-1c", free: free, state: "pending")
                + "</subnetSet>")
    }

    private func offer(_ scene: EC2Scene, _ pools: [(type: String, zone: String)]) async throws {
        try await scene.answer(
            "DescribeInstanceTypeOfferings",
            "<instanceTypeOfferingSet>"
                + pools.map {
                    "<item><instanceType>\($0.type)</instanceType>"
                        + "<locationType>availability-zone</locationType>"
                        + "<location>\($0.zone)</location></item>"
                }.joined() + "</instanceTypeOfferingSet>")
    }

    private func price(_ scene: EC2Scene, _ prices: [(zone: String, text: String)]) async throws {
        try await scene.answer(
            "DescribeSpotPriceHistory",
            "<spotPriceHistorySet>"
                + prices.enumerated().map { index, price in
                    "<item><instanceType>g5.xlarge</instanceType><spotPrice>\(price.text)"
                        + "</spotPrice><availabilityZone>\(price.zone)</availabilityZone>"
                        + "<timestamp>2026-11-21T0\(index):00:00.000Z</timestamp></item>"
                }.joined() + "</spotPriceHistorySet>")
    }

    private func offering(
        _ type: String, _ zone: String, _ market: Market, _ subnet: String, _ price: Int?,
        onDemand: Int?, choice: Int = 0
    ) -> Offering {
        Offering(
            pool: CapacityPool(
                region: "us-east-1", zone: zone, instanceType: type, market: market),
            subnet: subnet, price: price.map { Dollars(micros: $0) },
            onDemandPrice: onDemand.map { Dollars(micros: $0) }, choice: choice)
    }

    @Test("one A10G on both markets → its pools with prices, subnets and the image; asked once")
    func accelerators() async throws {
        let scene = try await EC2Scene()
        try await fill(scene)
        try await offer(scene, [("g5.xlarge", "us-east-1a"), ("g5.xlarge", "us-east-1b")])
        try await price(
            scene, [("us-east-1a", "0.5"), ("us-east-1b", "0.700000"), ("us-east-1a", "0.450000")])
        let query = query([gpu("a10g:1")])
        let placement = try await scene.provider.placement(for: query)
        #expect(
            placement.image
                == MachineImage(
                    id: "ami-1", reference: ImageReference("ami-1"), rootDevice: "/dev/sda1",
                    rootSize: 45))
        let full = 1_006_000
        #expect(
            placement.offerings == [
                offering("g5.xlarge", "us-east-1a", .onDemand, "subnet-a2", full, onDemand: full),
                offering("g5.xlarge", "us-east-1a", .spot, "subnet-a2", 450_000, onDemand: full),
                offering("g5.xlarge", "us-east-1b", .onDemand, "subnet-b", full, onDemand: full),
                offering("g5.xlarge", "us-east-1b", .spot, "subnet-b", 700_000, onDemand: full),
            ])
        #expect(try await scene.provider.placement(for: query) == placement)
        for action in [
            "DescribeImages", "DescribeInstanceTypeOfferings", "DescribeSubnets",
            "DescribeSpotPriceHistory",
        ] {
            #expect(try await scene.calls(action).count == 1, "\(action)")
        }
        #expect(try await scene.calls("DescribeInstanceTypes").count == 2)
    }

    @Test("the larger A100 beside a given type → the choice that each meets, where it is sold")
    func choices() async throws {
        let scene = try await EC2Scene()
        try await fill(scene)
        try await offer(
            scene,
            [
                ("g5.12xlarge", "us-east-1a"), ("g5.12xlarge", "us-east-1b"),
                ("p4de.24xlarge", "us-east-1a"), ("p4de.24xlarge", "us-east-1c"),
            ])
        var large = MachineChoice(instanceType: "g5.12xlarge")
        large.zone = "us-east-1b"
        let placement = try await scene.provider.placement(
            for: query([gpu("A100-80GB:8"), large]))
        #expect(
            placement.offerings == [
                offering(
                    "p4de.24xlarge", "us-east-1a", .onDemand, "subnet-a2", 27_447_050,
                    onDemand: 27_447_050),
                offering(
                    "g5.12xlarge", "us-east-1b", .onDemand, "subnet-b", 5_672_000,
                    onDemand: 5_672_000, choice: 1),
                offering(
                    "g5.12xlarge", "us-east-1b", .spot, "subnet-b", nil, onDemand: 5_672_000,
                    choice: 1),
            ])
        #expect(
            try await scene.calls("DescribeInstanceTypeOfferings").first?
                .contains(#""Values": ["g5.12xlarge", "p4de.24xlarge"]"#) == true)
    }

    @Test("no choice and no image → the default type on the current Deep Learning image")
    func defaults() async throws {
        let scene = try await EC2Scene()
        try await scene.set(parameter: Catalogue.defaultImage, "ami-1")
        try await fill(scene)
        try await offer(scene, [("m6i.2xlarge", "us-east-1b")])
        let placement = try await scene.provider.placement(
            for: query([MachineChoice()], image: nil, markets: [.onDemand]))
        #expect(placement.image.id == "ami-1" && placement.image.reference == nil)
        #expect(
            placement.offerings == [
                offering(
                    "m6i.2xlarge", "us-east-1b", .onDemand, "subnet-b", 384_000, onDemand: 384_000)
            ])
        #expect(try await scene.calls("GetParameter") == [Catalogue.defaultImage])
        #expect(try await scene.calls("DescribeSpotPriceHistory") == [])
    }

    private func why(_ scene: EC2Scene, _ query: PlacementQuery) async -> ProviderFailure? {
        await failure { () async throws(ProviderFailure) in
            _ = try await scene.provider.placement(for: query)
        }
    }

    @Test("accelerators or a type that no machine has → impossible, with what there is")
    func noType() async throws {
        let scene = try await EC2Scene()
        try await fill(scene)
        #expect(
            await why(scene, query([gpu("A10G:3")]))
                == .unsupported(
                    "us-east-1 has no machine with A10G:3, but with A10G:1, A10G:4"))
        #expect(
            await why(scene, query([gpu("H100:8")]))
                == .unsupported(
                    "us-east-1 has no machine with H100:8, but with A100, A100-80GB, A10G"))
        #expect(
            await why(scene, query([MachineChoice(instanceType: "g5g.xlarge")]))
                == .unsupported(
                    "us-east-1 has g5g.xlarge only for arm64, while the agent needs x86_64"))
        #expect(
            await why(scene, query([MachineChoice(instanceType: "g9.xlarge")]))
                == .unsupported("us-east-1 has no machines of type g9.xlarge"))
    }

    @Test("a zone without the type or a subnet → impossible; full subnets → only for now")
    func noPlace() async throws {
        let scene = try await EC2Scene()
        try await fill(scene, free: 0)
        try await offer(scene, [("g5.xlarge", "us-east-1a")])
        let only = query([gpu("A10G")], zones: ["us-east-1b"], markets: [.onDemand])
        #expect(
            await why(scene, only)?.description.contains("the types exist in us-east-1a") == true)
        let nowhere = query([gpu("A10G")], zones: ["us-east-1f"], markets: [.onDemand])
        #expect(await why(scene, nowhere)?.isUnsupported == true)
        let full = await why(scene, query([gpu("A10G")], markets: [.onDemand]))
        #expect(full?.isUnavailable == true)
        #expect(full?.description.contains("subnet-a1") == true)
        try await scene.refuse("DescribeSubnets", "InvalidSubnetID.NotFound", "no subnet-x")
        let unknown = await why(scene, query([gpu("A10G")], subnets: ["subnet-x"]))
        #expect(unknown?.isUnsupported == true)
    }

    @Test("an image of another architecture, none, a parameter that holds none → impossible")
    func images() async throws {
        let scene = try await EC2Scene()
        try await scene.answer("DescribeImages", Self.image(architecture: "arm64"))
        #expect(
            await why(scene, query([gpu("A10G")]))?.description.contains("arm64") == true)
        try await scene.answer("DescribeImages", "<imagesSet/>")
        #expect(await why(scene, query([gpu("A10G")], image: "ami-2"))?.isUnsupported == true)
        try await scene.refuse("DescribeImages", "InvalidAMIID.NotFound", "no ami-3")
        #expect(await why(scene, query([gpu("A10G")], image: "ami-3"))?.isUnsupported == true)
        try await scene.set(parameter: "/not/an/image", "hunter2")
        let wrong = await why(scene, query([gpu("A10G")], image: "ssm:/not/an/image"))
        #expect(wrong?.isUnsupported == true)
        #expect(wrong?.description.contains("hunter2") == false)
        let none = await why(scene, query([gpu("A10G")], image: "ssm:/none"))
        #expect(none?.isUnsupported == true)
    }
}
