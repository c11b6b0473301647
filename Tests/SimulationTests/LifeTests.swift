import Simulation
import Testing
import Training

struct LifeTests {
    @Test("a launch → pending, then running with one boot")
    func boot() throws {
        var region = Region()
        let id = try region.ec2.runInstances(region.order())[0].id
        #expect(region.ec2.instances[id]?.state == .pending)
        let events = region.pass(1000)
        #expect(events.map(\.kind) == [.booted(boot: 1)])
        #expect(region.ec2.instances[id]?.state == .running)
    }

    @Test("a terminate → shutting-down, power cut, terminated; tags go first, then the machine")
    func terminate() throws {
        var region = Region()
        let id = try region.running(region.order())
        let change = try region.ec2.terminateInstances([id])[0]
        #expect(change.previous == .running && change.current == .shuttingDown)
        #expect(region.pass(2000).map(\.kind) == [.shutdownAsked, .powerCut(.terminated)])
        #expect(region.ec2.instances[id]?.reason?.code == "Client.UserInitiatedShutdown")
        #expect(region.ec2.instances[id]?.tags.count == 2)
        region.pass(45 * 60_000)
        #expect(region.ec2.instances[id]?.tags.isEmpty == true)
        region.pass(20 * 60_000)
        #expect(region.ec2.instances[id] == nil)
    }

    @Test("one unknown id among two → none is terminated")
    func unknown() throws {
        var region = Region()
        let id = try region.running(region.order())
        let ids = [id, InstanceID("i-00000000000000000")]
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.terminateInstances(ids) }
                == "InvalidInstanceID.NotFound")
        #expect(region.ec2.instances[id]?.state == .running)
    }

    @Test("a protected machine → none of its zone ends, one of another zone does")
    func protected() throws {
        var region = Region()
        var order = region.order()
        let plain = try region.running(order)
        order.disablesTermination = true
        let shut = try region.running(order)
        order.disablesTermination = false
        order.subnetID = region.ec2.place.subnets[1].id
        let far = try region.running(order)
        #expect(
            region.code { ec2 throws(CloudFailure) in
                _ = try ec2.terminateInstances([plain, shut, far])
            } == "OperationNotPermitted")
        #expect(region.ec2.instances[plain]?.state == .running)
        #expect(region.ec2.instances[shut]?.state == .running)
        #expect(region.ec2.instances[far]?.state == .shuttingDown)
    }

    @Test("a stop and a start → the same machine boots again, if its pool has room")
    func stopStart() throws {
        var region = Region()
        let id = try region.running(region.order())
        _ = try region.ec2.stopInstances([id])
        let start = { (ec2: inout SimulatedEC2) throws(CloudFailure) in
            _ = try ec2.startInstances([id])
        }
        #expect(region.code(start) == "IncorrectInstanceState")
        region.pass(3000)
        #expect(region.ec2.instances[id]?.state == .stopped)
        region.ec2.setSlots(0, ofType: "g5.xlarge", market: .onDemand)
        #expect(region.code(start) == "InsufficientInstanceCapacity")
        region.ec2.setSlots(1, ofType: "g5.xlarge", market: .onDemand)
        #expect(region.code(start) == nil)
        #expect(region.pass(1000).map(\.kind) == [.booted(boot: 2)])
    }

    @Test("a machine that powers itself off → stopped by default, terminated where asked")
    func powerOff() throws {
        var region = Region()
        var order = region.order()
        let stays = try region.running(order)
        order.shutdownBehavior = .terminate
        let goes = try region.running(order)
        region.ec2.powerOff(stays)
        region.ec2.powerOff(goes)
        #expect(region.ec2.instances[stays]?.state == .stopped)
        #expect(region.ec2.instances[goes]?.state == .terminated)
        #expect(region.ec2.instances[goes]?.reason?.code == "Client.InstanceInitiatedShutdown")
    }

    @Test("a launch that fails late → terminated with the reason, never booted")
    func failedLaunch() throws {
        var region = Region()
        let id = try region.ec2.runInstances(region.order())[0].id
        region.ec2.failLaunch(id, because: .volumeLimit)
        #expect(region.ec2.instances[id]?.state == .terminated)
        #expect(region.ec2.instances[id]?.reason?.code == "Client.VolumeLimitExceeded")
        #expect(region.pass(1000).map(\.kind) == [.powerCut(.terminated)])
    }

    @Test("a stopped machine's vCPUs were taken by another → its start is over the quota")
    func startOverQuota() throws {
        var region = Region {
            $0.quotas[SimulatedEC2.Quota(.onDemand, .graphics)] = 4
        }
        let id = try region.running(region.order())
        _ = try region.ec2.stopInstances([id])
        region.pass(3000)
        _ = try region.running(region.order())
        let code = region.code { ec2 throws(CloudFailure) in _ = try ec2.startInstances([id]) }
        #expect(code == "VcpuLimitExceeded")
        #expect(region.ec2.instances[id]?.state == .stopped)
    }

    @Test("a start or stop of what cannot → the code that EC2 gives")
    func wrongState() throws {
        var region = Region()
        let id = try region.running(region.order())
        _ = try region.ec2.terminateInstances([id])
        let refused = [
            region.code { ec2 throws(CloudFailure) in _ = try ec2.stopInstances([id]) },
            region.code { ec2 throws(CloudFailure) in _ = try ec2.startInstances([id]) },
        ]
        #expect(refused == ["IncorrectInstanceState", "IncorrectInstanceState"])
        let spot = try region.running(region.spotOrder())
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.stopInstances([spot]) }
                == "UnsupportedOperation")
    }
}
