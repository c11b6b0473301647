import Reconciliation
import Testing
import Training

@testable import Simulation

@Suite("Fleet branches")
struct FleetBranchTests {
    private let a = RunName("a")
    private var repository = SimulatedRepository()
    private var branch = FleetBranch(policy: ScopePolicy(), profiles: [:])

    init() throws {
        let runs = try ["a", "b", "c", "d"].map { name in
            PlannedRun(RunSpec(name: try #require(RunName(name)), run: "./train"))
        }
        branch.declare(runs, in: &repository)
    }

    private var names: [String] {
        repository.current?.fleet.runs.map(\.spec.name.text) ?? []
    }

    @Test("A manifest is removed and restored → the commits say so")
    mutating func removes() throws {
        let a = try #require(a)
        branch.apply(.remove(a), to: &repository)
        #expect(names == ["b", "c", "d"])
        branch.apply(.restore(a), to: &repository)
        #expect(names == ["a", "b", "c", "d"])
    }

    @Test("A manifest is spoiled → the fleet is incomplete until it is mended")
    mutating func spoils() throws {
        branch.apply(.spoil(try #require(a)), to: &repository)
        #expect(repository.current?.fleet.isIncomplete == true)
        #expect(names == ["b", "c", "d"])
        branch.apply(.mend, to: &repository)
        #expect(repository.current?.fleet.isIncomplete == false)
        #expect(names == ["a", "b", "c", "d"])
    }

    @Test("An empty commit → the next edit declares everything again")
    mutating func empties() throws {
        branch.apply(.empty, to: &repository)
        #expect(names == [])
        branch.apply(.amend(try #require(a), .generation), to: &repository)
        #expect(names == ["a", "b", "c", "d"])
        #expect(repository.current?.fleet.runs.first?.spec.generation == 2)
    }

    @Test("A force push back, and its end → the older head, then the newest commit")
    mutating func pushesBack() throws {
        let older = repository.head
        branch.apply(.amend(try #require(a), .generation), to: &repository)
        let newest = repository.head
        let change = Edit.Change.pushBack(commits: 1, span: 60)
        branch.apply(change, to: &repository)
        #expect(repository.head == older)
        branch.end(change, in: &repository)
        #expect(repository.head == newest)
    }

    @Test("A rewritten history → its head does not descend from the newest commit")
    mutating func rewrites() throws {
        branch.apply(.amend(try #require(a), .generation), to: &repository)
        let newest = try #require(repository.head)
        let change = Edit.Change.rewrite(span: 60)
        branch.apply(change, to: &repository)
        let applied = Revision(ref: "main", commit: newest)
        #expect(try repository.fetch(since: applied, by: 1).ancestry == .diverged)
        let other = try #require(repository.head)
        branch.end(change, in: &repository)
        #expect(repository.head == newest)

        branch.apply(.mend, to: &repository)
        for commit in [newest, other] {
            let revision = Revision(ref: "main", commit: commit)
            #expect(try repository.fetch(since: revision, by: 1).ancestry == .descends)
        }
    }
}
