import AWS
import FoundationEssentials
import TestSupport
import Testing
import Training

@testable import reconcile

/// The least rights, held against the calls that the client makes.
@Suite struct IAMPoliciesTests {
    private static let plan: SetupPlan? = S3Location("s3://acme-holdfast/research").map {
        SetupPlan(
            scope: "research", state: $0, region: "us-east-1", account: "123456789012",
            secrets: ["/research"])
    }

    /// All that `init aws` can be told.
    private static let fullPlan: SetupPlan? = plan.map { plan in
        var plan = plan
        plan.dataBuckets = ["s3://acme-data/letters", "s3://acme-models"].compactMap {
            S3Location($0)
        }
        plan.keys = ["arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
        plan.imageParameters = ["/research/image"]
        plan.workflow = SetupPlan.Workflow(repository: "acme/research", branch: "main")
        return plan
    }

    private func policies() throws -> IAMPolicies {
        IAMPolicies(plan: try #require(Self.plan))
    }

    private static let root =
        "/"
        + #filePath.split(separator: "/").dropLast(3)
        .joined(separator: "/")

    /// The calls of EC2 that some source beside their own uses.
    private func usedCalls() throws -> Set<String> {
        let calls = try FileManager.default
            .contentsOfDirectory(atPath: Self.root + "/Sources/AWS/EC2/Calls")
            .map { String($0.dropLast(".swift".count)) }
        var text = ""
        for target in ["AWS", "reconcile"] {
            let folder = "\(Self.root)/Sources/\(target)"
            for path in try FileManager.default.subpathsOfDirectory(atPath: folder)
            where path.hasSuffix(".swift") && !path.contains("EC2/Calls/") {
                let bytes = try #require(LocalFile.read("\(folder)/\(path)"))
                text += String(decoding: bytes, as: UTF8.self)
            }
        }
        return Set(calls.filter { text.contains("EC2.\($0)(") })
    }

    private func actions(_ policy: IAMPolicy, of service: String) -> Set<String> {
        Set(policy.statement.flatMap(\.action).filter { $0.hasPrefix("\(service):") })
    }

    @Test("the controller → every call of EC2 that is made, and no other")
    func controllerCalls() throws {
        let used = try usedCalls()
        #expect(used.count >= 11)
        #expect(
            actions(try policies().controller, of: "ec2") == Set(used.map { "ec2:\($0)" }))
    }

    @Test("the planner → the calls that look, and no right to write")
    func planner() throws {
        let looking = try usedCalls().filter { $0.hasPrefix("Describe") }
        let planner = try policies().planner
        #expect(actions(planner, of: "ec2") == Set(looking.map { "ec2:\($0)" }))
        #expect(actions(planner, of: "s3") == ["s3:GetObject", "s3:ListBucket"])
        #expect(actions(planner, of: "iam").isEmpty)
    }

    @Test("the machines' role → its own records and runs, and no right to delete")
    func instance() throws {
        let instance = try policies().instance
        let all = instance.statement.flatMap(\.action)
        #expect(!all.contains { $0.contains("Delete") || $0.contains("*") })
        #expect(actions(instance, of: "ec2").isEmpty)
        let writable = instance.statement.filter { $0.action.contains("s3:PutObject") }
            .flatMap { $0.resource ?? [] }
        #expect(
            writable
                == ["index", "heartbeats", "runs"].map {
                    "arn:aws:s3:::acme-holdfast/research/\($0)/*"
                })
    }

    @Test("what harms a machine → only machines of the scope")
    func scope() throws {
        let own = ["aws:ResourceTag/holdfast:scope": "research"]
        let controller = try policies().controller
        for action in ["ec2:TerminateInstances", "ec2:StopInstances", "ec2:StartInstances"] {
            let granting = controller.statement.filter { $0.action.contains(action) }
            #expect(granting.count == 1)
            #expect(granting.allSatisfy { $0.condition?["StringEquals"] == own })
        }
    }

    @Test("the kinds that a launch tags → all may be tagged")
    func tags() throws {
        let request = LaunchRequest(
            clientToken: "t", region: "us-east-1", market: .spot, shutdownBehavior: .terminate,
            tags: ["a": "b"], userData: "",
            machine: MachineRequest(
                instanceType: "m5.large", zone: "us-east-1a", subnet: "subnet-1",
                image: MachineImage(
                    id: "ami-1", reference: nil, rootDevice: "/dev/sda1", rootSize: 8),
                diskSize: nil, securityGroups: [], instanceProfile: "p", keyName: nil,
                maxPrice: nil))
        var form = QueryForm(action: "RunInstances", version: "2016-11-15")
        EC2.RunInstances(request, on: try #require(request.machine)).add(to: &form)
        let kinds = String(decoding: form.bytes, as: UTF8.self).split(separator: "&")
            .filter { $0.hasPrefix("TagSpecification") && $0.contains("ResourceType=") }
            .compactMap { $0.split(separator: "=").last.map(String.init) }
        #expect(kinds.count == 4)
        let taggable = try policies().controller.statement
            .filter { $0.sid == "TagAtLaunch" }.flatMap { $0.resource ?? [] }
        for kind in kinds {
            #expect(taggable.contains { $0.hasSuffix(":\(kind)/*") }, "\(kind)")
        }
    }

    @Test("every file of `init aws` → the text that was looked at")
    func files() throws {
        for file in try #require(Self.plan).files(manifests: "manifests") {
            let name = file.path.split(separator: "/").joined(separator: "-")
            try Golden.expect(String(file.text.dropLast()), "init-\(name)")
        }
    }

    @Test("buckets of data, keys, image parameters, a repository on GitHub → in the files as well")
    func fullFiles() throws {
        let plan = try #require(Self.fullPlan)
        let changed = ["planner", "controller", "instance", "planner-trust", "controller-trust"]
        for file in plan.files(manifests: "manifests") where file.path.hasPrefix("aws/") {
            let name = String(file.path.dropFirst(4).dropLast(5))
            guard changed.contains(name) else { continue }
            try Golden.expect(String(file.text.dropLast()), "init-full-\(name).json")
        }
        try Golden.expect(plan.steps.joined(separator: "\n"), "init-full-steps.txt")
    }
}
