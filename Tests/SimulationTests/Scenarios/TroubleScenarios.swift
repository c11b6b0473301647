import Testing
import Training

@testable import Simulation

/// Troubles: each kind of fault does what it says, and is got over.
@Suite struct TroubleScenarios {
    private let region = "us-east-1"

    @Test("the credentials are refused for a while → nothing is done there, and all goes on")
    func deniedCredentials() throws {
        var story = try Story("a")
        story.fault(at: .hours(1), for: .minutes(20), .denied(region: region, .credentials))
        story.fault(at: .hours(1) + 60, .interrupt(.a, notice: nil))
        let outcome = story.play()
        #expect(outcome.verdict.errors["provider: denied"] > 0)
        #expect(outcome.count(left: "Unknown") > 0)
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("launches are forbidden for a while → the run is held until a person resumes it")
    func deniedLaunches() throws {
        var story = try Story("a")
        story.fault(at: .hours(1), for: .minutes(20), .denied(region: region, .launches))
        story.fault(at: .hours(1) + 60, .interrupt(.a, notice: nil))
        let held = story.play()
        #expect(held.verdict.errors["launch: rejected"] == 1)
        #expect(held.up.isEmpty)
        story.edit(at: .hours(3), .resume)
        let resumed = story.play()
        #expect(resumed.verdict.actions["resume OperatorResume"] == 1)
        #expect(resumed.up.count == 1)
    }

    @Test("subnets have one address left each → the others wait until there are more")
    func fullSubnets() throws {
        var story = try Story("a", "b", "c", "d", "e")
        story.fault(at: 0, for: .minutes(30), .fullSubnets(region: region, left: 1))
        let outcome = story.play()
        #expect(outcome.verdict.errors["launch: subnetFull"] > 0)
        #expect(outcome.up.count == 5)
    }

    @Test("the folder of the checkpoints cannot be read → it says so, and saves them later")
    func unsaved() throws {
        var story = try Story("a")
        story.fault(at: .minutes(30), for: .hours(2), .unsaved(.a))
        let outcome = story.play()
        #expect(outcome.count(left: "CheckpointsUnseen") == 1)
        #expect(outcome.launches(of: .a).count == 1)
    }

    @Test("a checkpoint does not fit on the disk of the next machine → it waits for room")
    func fullDisk() throws {
        var story = try Story("a")
        story.fault(at: .hours(2) + .minutes(30), for: .minutes(10), .fullDisk(.a))
        story.fault(at: .hours(2) + .minutes(31), .interrupt(.a, notice: nil))
        let outcome = story.play()
        #expect(outcome.verdict.errors["store: local"] > 0)
        #expect(outcome.up.count == 1)
    }

    @Test("an index is beyond what is read → nothing is done until it is back")
    func bloat() throws {
        var story = try Story("a", "b")
        story.fault(at: .hours(2), for: .hours(1), .bloat(.a))
        story.edit(at: .hours(2) + .minutes(10), .remove(.a))
        let outcome = story.play()
        #expect(outcome.verdict.errors["store: tooLarge"] > 0)
        #expect(outcome.count(left: "Unknown") > 0)
        #expect(outcome.up.count == 1)
    }

    @Test("the index comes back while the bucket is gone → it is there when that is back")
    func bloatWithoutBucket() throws {
        var story = try Story("a")
        story.fault(at: .hours(2), for: .minutes(10), .bloat(.a))
        story.fault(at: .hours(2) + 60, for: .minutes(30), .bucketGone)
        #expect(story.play().launches(of: .a).count == 1)
    }

    @Test("a machine without metadata does not end itself → it is ended when its run completes")
    func blind() throws {
        var story = try Story("a", hours: 14)
        story.fault(at: .hours(8), for: .hours(5), .blind(.a))
        let outcome = story.play()
        #expect(outcome.count("terminate RunCompleted") == 1)
        #expect(outcome.up.isEmpty)
    }

    @Test("nothing valid is left and on_invalid: hold, without metadata → the machine is ended")
    func held() throws {
        var story = try Story("a")
        story.spec { $0.checkpoint?.onInvalid = .hold }
        story.fault(at: .hours(3) + .minutes(30), .rot(.a))
        story.fault(at: .hours(3) + .minutes(30), for: .hours(1), .blind(.a))
        story.fault(at: .hours(3) + .minutes(31), .interrupt(.a, notice: nil))
        let outcome = story.play()
        #expect(outcome.count("terminate RunHeld") == 1)
        #expect(outcome.up.isEmpty)
    }

    @Test("no room for a stopped machine when it is to start → another one goes on, elsewhere")
    func noRoomToStart() throws {
        var story = try Story("a", market: .onDemand)
        story.edit(at: .hours(2), .amend(.a, .state(.stopped)))
        story.fault(at: .hours(3) - 60, for: .minutes(20), .drought(region: region))
        story.edit(at: .hours(3), .amend(.a, .state(.running)))
        let outcome = story.play()
        #expect(outcome.verdict.errors["provider: noCapacity"] > 0)
        #expect(outcome.up.count == 1)
    }

    @Test("a machine that nobody knows of never comes up → its launch is sent again, and given up")
    func lostLaunch() throws {
        var story = try Story("a", hours: 3)
        story.scenario.rules.visibility = 290_000...299_000
        story.fault(
            at: 0, for: 30,
            .crash(.reconciler(1), call: 1, of: .compute(.launch), isAfterEffect: true))
        story.fault(at: 0, for: .minutes(8), .failedBoot(region: region))
        let outcome = story.play()
        #expect(outcome.verdict.errors["launch: instanceTerminated"] > 0)
        #expect(outcome.up.count == 1)
    }
}
