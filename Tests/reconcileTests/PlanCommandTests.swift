import TestSupport
import Testing
import Training

@testable import reconcile

/// The commands that look, on a real repository.
@Suite struct PlanCommandTests {
    static let good = "name: good\nrun: \"true\"\n"

    @Test("a manifest that never ran → a launch in the plan, and nothing written")
    func launch() async throws {
        let place = try Place()
        let commit = try place.commit("good.yaml", Self.good)
        let plan = await place.reconcile("plan")
        #expect(plan.exit == .success)
        #expect(plan.output.contains("+ launch  good  no attempt has run yet"))
        #expect(plan.output.contains("Plan: 1 to launch, 0 to resume, 0 to stop, 0 to terminate."))
        let detailed = await place.reconcile("plan", "--detailed-exitcode", "-o", "json")
        #expect(detailed.exit == .changes)
        let document = try CanonicalJSON.decode(
            PlanDocument.self, from: Array(detailed.output.utf8))
        #expect(document.revision == Revision(ref: "main", commit: commit))
        #expect(document.actions.map(\.verb) == ["launch"])
        #expect(try await place.store().list(prefix: "", limit: 100).isEmpty)
    }

    @Test("one broken manifest among good ones → its error, a plan for the others, exit 1")
    func broken() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        try place.commit("broken.yaml", "name: broken\nrum: x\n")
        let plan = await place.reconcile("plan")
        #expect(plan.exit == .error)
        #expect(
            plan.errors.contains(
                "manifests/broken.yaml:2:1: error: unknown field `rum`; did you mean `run`?"))
        #expect(plan.output.contains("+ launch  good"))
        #expect(!plan.output.contains("broken"))
    }

    @Test("a workdir that the commit lacks → an error at the run, the others go on")
    func missingFolder() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        try place.commit("lost.yaml", "name: lost\nworkdir: src/none\nrun: \"true\"\n")
        let plan = await place.reconcile("plan")
        #expect(plan.exit == .error)
        #expect(plan.errors.contains("workdir: the commit has no folder src/none"))
        #expect(plan.output.contains("+ launch  good"))
    }

    @Test("a profile that no document declares → an error at its line, the others go on")
    func unknownProfile() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        try place.commit("cloud.yaml", "name: cloud\nprofile: gpu\nrun: \"true\"\n")
        let plan = await place.reconcile("plan")
        #expect(plan.exit == .error)
        #expect(
            plan.errors.contains("manifests/cloud.yaml:2:10: error: profile: there is no document"))
        #expect(plan.output.contains("+ launch  good"))
        #expect(!plan.output.contains("cloud"))
        let alone = await place.reconcile("validate", "manifests/cloud.yaml")
        #expect(alone.exit == .success, "\(alone.errors)")
        let whole = await place.reconcile("validate")
        #expect(whole.exit == .error)
    }

    @Test("what only EC2 can give → refused where a trainer would miss it, else a warning")
    func embeddedLimits() async throws {
        let place = try Place()
        try place.commit(
            "gpu.yaml", "name: gpu\nresources: {accelerators: A10G:1}\nrun: \"true\"\n")
        let warned = await place.reconcile("plan")
        #expect(warned.exit == .success)
        #expect(
            warned.errors.contains(
                "manifests/gpu.yaml:2:12: warning: resources: the embedded provider gives this "
                    + "machine as it is, whatever `accelerators` says"))
        #expect(warned.output.contains("+ launch  gpu"))
        try place.commit(
            "data.yaml",
            "name: data\nrun: \"true\"\nfile_mounts: {/data: s3://bucket/set}\n"
                + "secrets: {KEY: ssm:/key}\n")
        let refused = await place.reconcile("plan")
        #expect(refused.exit == .error)
        #expect(
            refused.errors.contains("manifests/data.yaml:3:1: error: file_mounts: the embedded"))
        #expect(refused.errors.contains("manifests/data.yaml:4:1: error: secrets: the embedded"))
        #expect(refused.output.contains("+ launch  gpu"))
        #expect(!refused.output.contains("launch  data"))
    }

    @Test("another scope than the recorded one → refused, with what to do")
    func otherScope() async throws {
        let place = try Place()
        try place.commit("policy.yaml", "kind: policy\nscope: research\n")
        var scope = Fixtures.scope
        scope.scope = "default"
        scope.owner = ScopeRecord.Owner(
            origin: "file://" + place.repository, ref: "main", path: "manifests")
        scope.applied = nil
        try await place.store().put(
            StoreLayout.scope, CanonicalJSON.encode(scope), if: .absent)
        let once = await place.reconcile("--once")
        #expect(once.exit == .error)
        #expect(
            once.errors.contains(
                "the manifests declare the scope research, but this state holds the scope default"))
    }

    @Test("no commit, no folder, no such branch → exit 1 and what to do")
    func unreadable() async throws {
        let place = try Place()
        let empty = await place.reconcile("plan")
        #expect(empty.exit == .error)
        #expect(empty.errors.contains("has no commit\n  commit a manifest first"))
        try place.commit("good.yaml", Self.good)
        let branch = await place.reconcile("plan", "--ref", "gone")
        #expect(branch.exit == .error)
        #expect(branch.errors.contains("no ref gone\n  name a branch, tag or commit with --ref"))
        let folder = await place.reconcile("plan", "--path", "elsewhere")
        #expect(folder.exit == .error)
        #expect(folder.errors.contains("no folder elsewhere"))
    }

    @Test("a saved plan after another commit → refused, nothing applied")
    func stalePlan() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        let file = place.directory("plan.json")
        #expect(await place.reconcile("plan", "--out", file).exit == .success)
        try place.commit("more.yaml", "name: more\nrun: \"true\"\n")
        let applied = await place.reconcile("--once", "--plan", file)
        #expect(applied.exit == .error)
        #expect(applied.errors.contains("the saved plan is stale: it was made at main@sha1:"))
        #expect(try await place.store().list(prefix: "", limit: 100).isEmpty)
    }

    @Test("a file that is no plan → an error that says how to write one")
    func noPlan() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        place.directory.write("plan.json", "{\"kind\": \"Plan\"}")
        let wrong = await place.reconcile("--once", "--plan", place.directory("plan.json"))
        #expect(wrong.exit == .error)
        #expect(wrong.errors.contains("is not a saved plan"))
        let missing = await place.reconcile("--once", "--plan", place.directory("none.json"))
        #expect(missing.errors.contains("does not exist"))
    }

    @Test("validate → the work tree as it lies there, or a commit when one is named")
    func validate() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        place.directory.write("repository/manifests/deep/new.yml", "name: New\n")
        let tree = await place.reconcile("validate")
        #expect(tree.exit == .error)
        #expect(tree.errors.contains("manifests/deep/new.yml:1:"))
        #expect(tree.output.contains("in 2 files, 1 run."))
        let commit = await place.reconcile("validate", "--ref", "main")
        #expect(commit.exit == .success)
        #expect(commit.output == "Valid: 1 file, 1 run.\n")
        let file = await place.reconcile("validate", "manifests/good.yaml", "-o", "json")
        #expect(file.exit == .success)
        #expect(file.output.contains("\"isValid\" : true"))
    }

    @Test("another branch → may be planned, is not applied: the scope follows main")
    func otherBranch() async throws {
        let place = try Place()
        try place.commit("good.yaml", Self.good)
        var scope = Fixtures.scope
        scope.scope = "default"
        scope.owner = ScopeRecord.Owner(
            origin: "file://" + place.repository, ref: "main", path: "manifests")
        scope.applied = nil
        try await place.store().put(
            StoreLayout.scope, CanonicalJSON.encode(scope), if: .absent)
        try place.git("checkout", "--quiet", "-b", "other")
        let plan = await place.reconcile("plan")
        #expect(plan.exit == .success, "\(plan.errors)")
        #expect(plan.output.contains("+ launch  good"))
        let once = await place.reconcile("--once")
        #expect(once.exit == .error)
        #expect(once.errors.contains("belongs to file://"))
        #expect(try await place.store().list(prefix: "ledgers/", limit: 10).isEmpty)
    }
}
