import AWS
import TestSupport
import Testing
import Training
import Transport

/// The same calls against moto, which others wrote.
struct MotoTests {
    private let server: ToolProcess
    private let client: AWSClient

    init() async throws {
        let server = try ToolProcess(
            [TestPython.interpreter, TestPython.script("moto_server.py")],
            environment: TestPython.environment)
        self.server = server
        let port = try #require(try await offPool { server.line() })
        let credentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRET")
        client = AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: FixedCredentials(credentials),
            endpoints: Endpoints(everything: try HTTPURL("http://127.0.0.1:\(port)")),
            clock: TestClock())
    }

    @Test("STS → who asks, a role's credentials with their end, also by web identity")
    func sts() async throws {
        let sts = STS(client, region: "us-east-1")
        let identity = try await sts.callerIdentity()
        #expect(identity.account == "123456789012")
        #expect(identity.arn.hasPrefix("arn:aws:"))
        let role = RoleRequest(
            arn: "arn:aws:iam::123456789012:role/r", session: "a+b=c", duration: 900)
        let now = TestClock().now()
        for credentials in [
            try await sts.assumeRole(role),
            try await sts.assumeRole(role, webIdentity: "a.b/c+d=="),
        ] {
            #expect(credentials.accessKeyID.hasPrefix("ASIA"))
            #expect(credentials.sessionToken?.isEmpty == false)
            let end = try #require(credentials.expiration)
            #expect((800...1000).contains(end.since(now).count))
        }
    }

    @Test("a role that is not there → false; a quota that moto does not have → refused")
    func account() async throws {
        #expect(try await !IAM(client, region: "eu-west-1").hasRole("AWSServiceRoleForEC2Spot"))
        let quota = try #require(CPUQuota(instanceType: "g5.xlarge", market: .spot))
        do throws(AWSFailure) {
            _ = try await ServiceQuotas(client, region: "us-east-1").limit(of: quota)
            Issue.record("not refused")
        } catch {
            guard case .refused = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("a public image parameter → its value; one that is not there → ParameterNotFound")
    func ssm() async throws {
        let ssm = SSM(client, region: "us-east-1")
        let image = try await ssm.parameter(
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
        #expect(image.value.hasPrefix("ami-"))
        #expect(!"\(image)".contains(image.value) && !"\([image])".contains(image.value))
        do throws(AWSFailure) {
            _ = try await ssm.parameter("/not/there")
            Issue.record("not refused")
        } catch {
            guard case .refused(let refusal) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(refusal.code == "ParameterNotFound")
        }
    }

    @Test("machines on moto → keep the promises that moto can")
    func contract() async throws {
        let ec2 = EC2(client, region: "us-east-1")
        let subnets = try await ec2.list(EC2.DescribeSubnets(ids: []))
        let subnet = try #require(subnets.min { $0.zone < $1.zone })
        let image = try await SSM(client, region: "us-east-1").parameter(
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        ).value
        let provider = EC2Providers(client, clock: RealClock())["us-east-1"]
        for market in [Market.spot, .onDemand] {
            let request = LaunchRequest(
                clientToken: "contract", region: "us-east-1", market: market,
                shutdownBehavior: .terminate,
                tags: [Tag.scope: "contract-\(market)", Tag.run: "a"], userData: "#!/bin/sh",
                machine: MachineRequest(
                    instanceType: "g5.xlarge", zone: subnet.zone, subnet: subnet.id,
                    image: MachineImage(
                        id: image, reference: nil, rootDevice: "/dev/xvda", rootSize: 8),
                    diskSize: 20, securityGroups: [], instanceProfile: "", keyName: nil,
                    maxPrice: nil))
            let contract = InstanceProviderContract(
                provider, request: request,
                except: [.noShortages, .fixedConsole, .ignoresTokens, .ignoresRules])
            let findings = await contract.findings()
            #expect(findings == [], "\(market)")
        }
    }

    @Test("a machine on moto → launched, listed, stopped, started, tagged, ended")
    func ec2() async throws {
        let ec2 = EC2(client, region: "us-east-1")
        let subnets = try await ec2.list(EC2.DescribeSubnets(ids: []))
        let subnet = try #require(subnets.min { $0.zone < $1.zone })
        #expect(subnet.state == "available" && subnet.freeAddresses > 0)
        let types = try await ec2.list(
            EC2.DescribeInstanceTypes([EC2.Filter("instance-type", ["g5.12xlarge"])]))
        #expect(types.first?.gpus.first?.name == "A10G" && types.first?.gpus.first?.count == 4)
        let zones = try await ec2.list(EC2.DescribeInstanceTypeOfferings(types: ["g5.xlarge"]))
        #expect(zones.contains { $0.zone == subnet.zone })
        let image = try await SSM(client, region: "us-east-1").parameter(
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        ).value
        let provider = EC2Providers(client, clock: TestClock())["us-east-1"]
        var request = LaunchRequest(
            clientToken: "moto-1", region: "us-east-1", market: .onDemand,
            shutdownBehavior: .terminate, tags: [Tag.scope: "moto", Tag.run: "a"],
            userData: "#!/bin/sh",
            machine: MachineRequest(
                instanceType: "g5.xlarge", zone: subnet.zone, subnet: subnet.id,
                image: MachineImage(
                    id: image, reference: nil, rootDevice: "/dev/xvda", rootSize: 8),
                diskSize: 20, securityGroups: [], instanceProfile: "", keyName: nil,
                maxPrice: nil))
        let launched = try await provider.launch(request)
        #expect(launched.tags == request.tags && launched.zone == subnet.zone)
        request.clientToken = "moto-2"
        request.market = .spot
        #expect(try await provider.launch(request).market == .spot)
        #expect(try await provider.describe(scope: "moto").count == 2)
        #expect(try await provider.describe(scope: "mot*").isEmpty)
        #expect(try await provider.describe(instance: launched.id)?.clientToken == "moto-1")
        #expect(try await provider.describe(instance: InstanceID("i-0123456789abcdef0")) == nil)
        try await provider.stop(launched.id)
        let stopped = try await provider.describe(instance: launched.id)
        #expect(stopped?.state == .stopped)
        #expect(stopped?.stateReason == "Client.UserInitiatedShutdown")
        try await provider.start(launched.id)
        try await provider.tag(launched.id, [Tag.intent: "1"])
        #expect(try await provider.describe(instance: launched.id)?.tags[Tag.intent] == "1")
        try await provider.terminate(launched.id)
        #expect(try await provider.describe(instance: launched.id)?.state == .terminated)
        try await provider.terminate(launched.id)
    }
}
