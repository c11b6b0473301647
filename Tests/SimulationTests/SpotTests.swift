import Simulation
import Testing
import Training

struct SpotTests {
    private func request(of id: InstanceID, in region: Region) -> SpotRequest? {
        region.ec2.instances[id]?.spotRequest.flatMap { region.ec2.spotRequests[$0] }
    }

    @Test("a notice of two minutes → it stands while the machine runs, then the machine ends")
    func notice() throws {
        var region = Region()
        let id = try region.running(region.spotOrder())
        #expect(request(of: id, in: region)?.status == "fulfilled")
        region.ec2.interrupt(id)
        let notice = try #require(region.ec2.instances[id]?.interruption)
        #expect(notice.action == .terminate && notice.time == region.ec2.now + 120)
        #expect(region.pass(0).map(\.kind) == [.noticed(notice)])
        #expect(region.ec2.instances[id]?.state == .running)
        let early = ["marked-for-termination", "instance-terminated-no-capacity"]
        #expect(early.contains(request(of: id, in: region)?.status ?? ""))
        #expect(region.pass(119_000).isEmpty)
        #expect(region.pass(3000).map(\.kind) == [.shutdownAsked, .powerCut(.terminated)])
        #expect(region.ec2.instances[id]?.reason?.code == "Server.SpotInstanceTermination")
        #expect(request(of: id, in: region)?.state == .closed)
        region.pass(5 * 3_600_000)
        #expect(region.ec2.spotRequests.isEmpty)
    }

    @Test("over many seeds → both documented forms of an early status occur")
    func bothForms() throws {
        var seen: Set<String> = []
        for seed in 1...20 {
            var region = Region(seed: UInt64(seed))
            let id = try region.running(region.spotOrder())
            region.ec2.interrupt(id)
            seen.insert(request(of: id, in: region)?.status ?? "")
        }
        #expect(seen == ["marked-for-termination", "instance-terminated-no-capacity"])
    }

    @Test("no notice → the power goes at once")
    func sudden() throws {
        var region = Region()
        let id = try region.running(region.spotOrder())
        region.ec2.interrupt(id, notice: nil)
        #expect(region.pass(0).map(\.kind) == [.powerCut(.terminated)])
    }

    @Test("a persistent request whose machine is stopped by EC2 → EC2 alone starts it again")
    func persistentStop() throws {
        var region = Region()
        let id = try region.running(region.spotOrder(persistent: true))
        region.ec2.setSlots(0, ofType: "g5.xlarge", market: .spot)
        region.ec2.interrupt(id, notice: 1000)
        #expect(request(of: id, in: region)?.status == "marked-for-stop")
        region.pass(4000)
        #expect(region.ec2.instances[id]?.state == .stopped)
        #expect(request(of: id, in: region)?.state == .disabled)
        #expect(
            region.code { ec2 throws(CloudFailure) in _ = try ec2.startInstances([id]) }
                == "IncorrectSpotRequestState")
        region.ec2.setSlots(nil, ofType: "g5.xlarge", market: .spot)
        region.pass(1000)
        #expect(region.ec2.instances[id]?.state == .running)
        #expect(region.ec2.instances[id]?.boots == 2)
    }

    @Test("terminating a persistent request's machine → another one comes, unless cancelled first")
    func reopened() throws {
        var region = Region()
        let first = try region.running(region.spotOrder(persistent: true))
        _ = try region.ec2.terminateInstances([first])
        region.pass(5000)
        let alive = region.ec2.instances.values.filter { $0.state == .running }
        #expect(alive.count == 1)
        let second = try #require(alive.first)
        #expect(second.id != first)
        _ = try region.ec2.cancelSpotInstanceRequests([try #require(second.spotRequest)])
        #expect(
            request(of: second.id, in: region)?.status
                == "request-canceled-and-instance-running")
        _ = try region.ec2.terminateInstances([second.id])
        region.pass(5000)
        #expect(region.ec2.instances.values.allSatisfy { $0.state == .terminated })
    }

    @Test("cancelling a disabled request → its stopped machine is terminated")
    func cancelDisabled() throws {
        var region = Region()
        let id = try region.running(region.spotOrder(persistent: true))
        _ = try region.ec2.stopInstances([id])
        region.pass(3000)
        let request = try #require(region.ec2.instances[id]?.spotRequest)
        _ = try region.ec2.cancelSpotInstanceRequests([request])
        #expect(region.ec2.instances[id]?.state == .terminated)
    }

    @Test("a pool whose weather turns → its machines are taken, and room comes back")
    func weather() throws {
        var region = Region()
        let id = try region.running(region.spotOrder())
        let pool = SimulatedEC2.Pool(market: .spot, type: "g5.xlarge", zone: "us-east-1a")
        region.ec2.setWeather(
            .init(wet: 10_000...10_000, dry: 60_000...60_000, notice: 5000...5000, noNotice: 0),
            of: pool)
        region.pass(20_000)
        #expect(region.ec2.instances[id]?.state == .terminated)
        #expect(region.ec2.freeSlots(in: pool) == 0)
        region.pass(51_000)
        #expect(region.ec2.freeSlots(in: pool) == nil)
    }
}
