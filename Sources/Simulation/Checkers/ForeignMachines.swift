import Training

/// Promise 5: every order reads the machine again first, and touches only what is ours.
///
/// What a person does between the look and the order nobody can see: so the tags count as they
/// were at the look.
struct ForeignMachines: Sendable {
    /// No look serves an order for longer.
    static let lookLifetime: Seconds = .minutes(5)

    private struct Place: Hashable {
        var process: ProcessID
        var machine: InstanceID
    }

    private struct Look {
        var at: Timestamp
        var objection: String?
        var isProtected: Bool
    }

    private let scope: String
    private let store: StoreIdentity
    private var looks: [Place: Look] = [:]

    init(scope: String, store: StoreIdentity) {
        self.scope = scope
        self.store = store
    }

    /// `launch` is nil for a machine that no reconciler of the scope launched.
    mutating func looked(
        at machine: InstanceID, tags: [String: String], launch: LaunchedMachines.Machine?,
        by process: ProcessID, at now: Timestamp
    ) {
        looks[Place(process: process, machine: machine)] = Look(
            at: now, objection: objection(to: tags, launch),
            isProtected: tags[Tag.protect] == "true")
    }

    mutating func ordered(
        _ verb: PortCall.ComputeVerb, _ machine: InstanceID, by process: ProcessID,
        at now: Timestamp
    ) -> BrokenPromise? {
        let place = Place(process: process, machine: machine)
        guard let look = looks.removeValue(forKey: place),
            now.since(look.at) <= ForeignMachines.lookLifetime
        else { return broken("\(verb) by \(process), which did not look at it before") }
        if let objection = look.objection {
            return broken("\(verb) by \(process), though \(objection)")
        }
        if look.isProtected, verb != .start {
            return broken("\(verb) by \(process), though it is protected")
        }
        return nil

        func broken(_ detail: String) -> BrokenPromise {
            BrokenPromise(.foreign, at: now, machine: machine, detail)
        }
    }

    private func objection(
        to tags: [String: String], _ launch: LaunchedMachines.Machine?
    ) -> String? {
        guard let launch else { return "no reconciler launched it" }
        if tags[Tag.scope] != scope { return "its tags name another scope" }
        if tags[Tag.store] != store.text { return "its tags name another store" }
        if tags[Tag.run] != launch.intent.run.text { return "its tags name another run" }
        return nil
    }
}
