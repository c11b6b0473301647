import Simulation
import Testing
import Training

struct ClientTokenTests {
    @Test("the same token and request again → the same machine")
    func replay() throws {
        var region = Region()
        let first = try region.ec2.runInstances(region.order("t"))
        let second = try region.ec2.runInstances(region.order("t"))
        #expect(first.map(\.id) == second.map(\.id))
        #expect(region.ec2.instances.count == 1)
    }

    @Test("the same token with tags in another order → IdempotentParameterMismatch")
    func mismatch() throws {
        var region = Region()
        _ = try region.ec2.runInstances(region.order("t"))
        var other = region.order("t")
        other.tagSpecifications[0].tags.reverse()
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(other) }
                == "IdempotentParameterMismatch")
    }

    @Test("the same token in another zone → a second machine")
    func otherZone() throws {
        var region = Region()
        _ = try region.ec2.runInstances(region.order("t"))
        var other = region.order("t")
        other.subnetID = region.ec2.place.subnets[1].id
        _ = try region.ec2.runInstances(other)
        #expect(region.ec2.instances.count == 2)
    }

    @Test("a token whose machine has ended → IdempotentInstanceTerminated, even once it faded")
    func ended() throws {
        var region = Region()
        let order = region.order("t")
        let id = try region.running(order)
        _ = try region.ec2.terminateInstances([id])
        let again = { (ec2: inout SimulatedEC2) throws(CloudFailure) in
            _ = try ec2.runInstances(order)
        }
        #expect(region.code(again) == "IdempotentInstanceTerminated")
        region.pass(2 * 3_600_000)
        #expect(region.ec2.instances.isEmpty)
        #expect(region.code(again) == "IdempotentInstanceTerminated")
        region.pass(25 * 3_600_000)
        #expect(region.code(again) == nil)
    }

    @Test(
        "a token that is too long or not ASCII → InvalidParameterValue",
        arguments: [String(repeating: "a", count: 65), "é", "a b", ""])
    func malformed(token: String) {
        var region = Region()
        let order = region.order(token)
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.runInstances(order) }
                == "InvalidParameterValue")
    }

    @Test("a launch that failed for capacity → its token launches later")
    func afterFailure() throws {
        var region = Region()
        let order = region.order("t")
        region.ec2.setSlots(0, ofType: "g5.xlarge", market: .onDemand)
        let send = { (ec2: inout SimulatedEC2) throws(CloudFailure) in
            _ = try ec2.runInstances(order)
        }
        #expect(region.code(send) == "InsufficientInstanceCapacity")
        region.ec2.setSlots(nil, ofType: "g5.xlarge", market: .onDemand)
        #expect(region.code(send) == nil)
    }
}
