import Testing
import Training

@testable import Simulation

/// Lineage: an attempt goes on from the newest valid checkpoint.
@Suite struct LineageScenarios {
    @Test("a machine is interrupted with a notice → the next attempt resumes from its last save")
    func interrupted() throws {
        var story = try Story("a")
        story.fault(at: .hours(2) + .minutes(30), .interrupt(.a, notice: 120_000))
        let outcome = story.play()
        #expect(outcome.count("resume ContinuesInterrupted") == 1)
    }

    @Test("the newest checkpoint rots → the one before is taken, and nothing is deleted")
    func rot() throws {
        var story = try Story("a")
        story.fault(at: .hours(3) + .minutes(30), .rot(.a))
        story.fault(at: .hours(3) + .minutes(31), .interrupt(.a, notice: nil))
        #expect(story.play().launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("generation is raised → it starts afresh, and the old checkpoints stay")
    func generation() throws {
        var story = try Story("a")
        story.edit(at: .hours(3) + .minutes(30), .amend(.a, .generation))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).map(\.attempt) == [1, 2])
    }

    @Test("resume_from names an old checkpoint → it is taken once, and never deleted")
    func resumeFrom() throws {
        var story = try Story("a", hours: 9)
        let reference = CheckpointReference(
            checkpoint: CheckpointID(attempt: 1, sequence: 2))
        story.edit(at: .hours(3) + .minutes(30), .amend(.a, .resumeFrom(reference)))
        story.fault(at: .hours(6) + .minutes(30), .interrupt(.a, notice: 120_000))
        let outcome = story.play()
        #expect(outcome.launches(of: .a).count >= 2)
    }
}
