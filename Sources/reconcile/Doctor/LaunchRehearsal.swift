import Planning
import Training

/// What would be launched if nothing ran yet: the planner's own choice in an empty world.
struct LaunchRehearsal: Sendable {
    struct Launch: Hashable, Sendable {
        var request: LaunchRequest
        var machine: MachineRequest
        var hourly: Dollars?
        /// Names of runs, or of a profile that no run uses.
        var subjects: [String]
    }

    /// Equal machines once, in the order of their first run.
    var launches: [Launch] = []
    /// What keeps a run from being launched, by its name or its profile's.
    var obstacles: [(subject: String, reason: InactionReason)] = []

    /// No more than this many rounds of questions: one brings all that a plan asks for.
    private static let rounds = 3

    /// Asks the regions, and changes nothing.
    static func perform(
        _ fleet: DesiredFleet, _ context: FleetContext, _ providers: any InstanceProviders,
        at now: Timestamp
    ) async -> LaunchRehearsal {
        let (fleet, subjects) = rehearsed(fleet)
        var placements: [PlacementQuery: ObservedPlacement] = [:]
        var plan: Plan
        var round = 0
        repeat {
            plan = Planner.plan(
                desired: fleet, observed: Observation(at: now, placements: placements),
                context: context)
            let questions = Set(plan.actions.flatMap(\.steps).compactMap(\.query))
            if questions.isEmpty { break }
            placements.merge(await answers(to: questions, providers, at: now)) { _, new in new }
            round += 1
        } while round < rounds
        return LaunchRehearsal(plan, subjects)
    }

    private init(_ plan: Plan, _ subjects: [RunName: String]) {
        for action in plan.actions {
            for case .launch(let request, _, _) in action.steps {
                guard let machine = request.machine else { continue }
                let subject = subjects[action.run] ?? action.run.text
                let known = launches.firstIndex {
                    $0.machine == machine && $0.request.market == request.market
                        && $0.request.region == request.region
                }
                if let known {
                    launches[known].subjects.append(subject)
                } else {
                    launches.append(
                        Launch(
                            request: request, machine: machine, hourly: action.offering?.price,
                            subjects: [subject]))
                }
            }
        }
        obstacles = plan.inactions.map { inaction in
            (subjects[inaction.run] ?? inaction.run.text, inaction.reason)
        }
    }

    /// The running runs as if each were new, and one more for each profile that none of them uses.
    private static func rehearsed(
        _ fleet: DesiredFleet
    ) -> (fleet: DesiredFleet, subjects: [RunName: String]) {
        var fleet = fleet
        fleet.policy.maxLaunches = .max
        var runs = fleet.runs.filter { $0.spec.state == .running }
        for position in runs.indices {
            runs[position].sourceTree = nil
            runs[position].spec.suspend = nil
            runs[position].spec.resumeFrom = nil
        }
        var subjects: [RunName: String] = [:]
        let used = Set(runs.compactMap(\.spec.profile))
        let taken = Set(runs.map(\.spec.name))
        for (position, name) in fleet.profiles.keys.sorted().enumerated()
        where !used.contains(name) {
            guard let run = RunName("holdfast-doctor-\(position)"), !taken.contains(run) else {
                continue
            }
            subjects[run] = "profile \(name)"
            runs.append(DesiredRun(spec: RunSpec(name: run, profile: name, run: "true")))
        }
        fleet.runs = runs
        return (fleet, subjects)
    }

    private static func answers(
        to questions: Set<PlacementQuery>, _ providers: any InstanceProviders, at now: Timestamp
    ) async -> [PlacementQuery: ObservedPlacement] {
        await withTaskGroup { group in
            for question in questions {
                group.addTask { (question, await answer(to: question, providers)) }
            }
            var answers: [PlacementQuery: ObservedPlacement] = [:]
            for await (question, answer) in group {
                answers[question] = ObservedPlacement(answer, at: now)
            }
            return answers
        }
    }

    private static func answer(
        to question: PlacementQuery, _ providers: any InstanceProviders
    ) async -> ObservedPlacement.Answer {
        let answer = await Unanswered.bounded {
            () -> Result<ObservedPlacement.Answer, Unanswered> in
            do throws(ProviderFailure) {
                let placement = try await providers[question.region].placement(for: question)
                return .success(.placement(placement))
            } catch .unsupported(let why) {
                return .success(.impossible(why))
            } catch {
                return .failure(Unanswered(error.description))
            }
        }
        switch answer {
        case .success(let answer): return answer
        case .failure(let why): return .unknown(why.detail)
        }
    }
}

extension Step {
    fileprivate var query: PlacementQuery? {
        if case .resolve(let query) = self { query } else { nil }
    }
}
