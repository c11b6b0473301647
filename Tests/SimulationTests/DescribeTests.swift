import Simulation
import Testing
import Training

struct DescribeTests {
    private func all(
        _ region: inout Region, _ filters: [SimulatedEC2.Filter], size: Int? = nil
    ) throws -> (machines: [SimulatedInstance], pages: Int) {
        var call = SimulatedEC2.DescribeInstances()
        call.filters = filters
        call.maxResults = size
        var found: [SimulatedInstance] = []
        for pages in 1...10_000 {
            let page = try region.ec2.describeInstances(call)
            found += page.items
            call.nextToken = page.nextToken
            if page.nextToken == nil { return (found, pages) }
        }
        return (found, 10_000)
    }

    @Test("ten thousand machines in pages of a thousand → each once, in ten pages")
    func many() throws {
        var region = Region { $0.throttles = false }
        var order = region.order()
        order.maxCount = 500
        region.ec2.place.subnets[0].freeAddresses = 20_000
        for _ in 0..<20 { _ = try region.ec2.runInstances(order) }
        let scope = [SimulatedEC2.Filter("tag:holdfast:scope", ["s"])]
        let (machines, pages) = try all(&region, scope, size: 1000)
        #expect(machines.count == 10_000 && pages == 10)
        #expect(Set(machines.map(\.id)).count == 10_000)
        #expect(try all(&region, []).pages == 10)
    }

    @Test("legal empty pages → a caller who goes on still finds everything")
    func emptyPages() throws {
        var region = Region { $0.emptyPage = 1 }
        for _ in 0..<5 { _ = try region.ec2.runInstances(region.order()) }
        let (machines, pages) = try all(&region, [.init("tag-key", ["Name"])], size: 5)
        #expect(machines.count == 5 && pages == 2)
    }

    @Test("a visibility delay → found neither by id nor by token until it is over, then both")
    func visibility() throws {
        var region = Region { $0.visibility = 300_000...300_000 }
        let id = try region.ec2.runInstances(region.order("t"))[0].id
        region.pass(299_000)
        let token = [SimulatedEC2.Filter("client-token", ["t"])]
        #expect(try all(&region, token).machines.isEmpty)
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.terminateInstances([id]) }
                == "InvalidInstanceID.NotFound")
        region.pass(1000)
        #expect(try all(&region, token).machines.map(\.id) == [id])
    }

    @Test(
        "filters → by wildcard, case and absence as EC2 has them",
        arguments: [
            ("tag:Name", ["a"], 1), ("tag:Name", ["A"], 0), ("tag:Name", ["?"], 1),
            ("tag:hold*", ["s"], 0), ("tag-key", ["holdfast:*"], 1),
            ("instance-state-name", ["running", "stopped"], 1), ("instance-lifecycle", ["spot"], 0),
            ("instance-id", ["i-*"], 1), ("client-token", ["t\\*"], 0), ("image-id", ["x"], 0),
        ])
    func filters(name: String, values: [String], count: Int) throws {
        var region = Region()
        _ = try region.running(region.order("t"))
        #expect(try all(&region, [.init(name, values)]).machines.count == count)
    }

    @Test("a describe that EC2 refuses → its code")
    func refused() throws {
        var region = Region()
        let id = try region.running(region.order())
        func code(_ change: (inout SimulatedEC2.DescribeInstances) -> Void) -> String? {
            var call = SimulatedEC2.DescribeInstances()
            change(&call)
            let asked = call
            return region.code { ec2 throws(CloudFailure) in
                _ = try ec2.describeInstances(asked)
            }
        }
        let unknown = InstanceID("i-00000000000000000")
        #expect(code { $0.instanceIDs = [id, unknown] } == "InvalidInstanceID.NotFound")
        #expect(code { $0.instanceIDs = [InstanceID("x")] } == "InvalidInstanceID.Malformed")
        #expect(code { $0.maxResults = 4 } == "InvalidParameterValue")
        #expect(code { $0.nextToken = "x" } == "InvalidPaginationToken")
        #expect(code { $0.filters = [.init("nothing", ["a"])] } == "InvalidParameterValue")
        #expect(
            code {
                $0.instanceIDs = [id]
                $0.maxResults = 5
            } == "InvalidParameterCombination")
    }

    @Test("tags set later → they show after the delay, up to fifty, never under aws:")
    func tags() throws {
        var region = Region { $0.tagging = 2000...2000 }
        let id = try region.running(region.order())
        try region.ec2.createTags([id.text], [.init("late", "1")])
        #expect(region.ec2.instances[id]?.tags["late"] == nil)
        region.pass(2000)
        #expect(region.ec2.instances[id]?.tags["late"] == "1")
        let many = (0..<49).map { SimulatedEC2.KeyValue("k\($0)", "") }
        #expect(
            region.code { ec2 throws(CloudFailure) in try ec2.createTags([id.text], many) }
                == "TagLimitExceeded")
    }

    @Test("one seed twice → the same answers; another seed → others")
    func deterministic() throws {
        func life(_ seed: UInt64) throws -> String {
            var region = Region(seed: seed) { $0 = .real }
            var text = ""
            for number in 0..<20 {
                let order = number % 2 == 0 ? region.order("t\(number)") : region.spotOrder()
                let id = try region.ec2.runInstances(order)[0].id
                text += "\(region.pass(30_000))"
                region.ec2.interrupt(id)
            }
            text += "\(region.pass(7_200_000))"
            return Digest(of: text).hex
        }
        #expect(try life(1) == life(1))
        #expect(try life(1) != life(2))
    }
}
