import Training

/// A machine from its first to its last state, and what can be asked of it.
extension InstanceProviderContract {
    func tags(of instance: Instance, _ check: inout Findings) async throws {
        for value in ["1", "2"] {
            try await provider.tag(instance.id, [Tag.intent: value])
            let seen = try await eventually {
                try await provider.describe(instance: instance.id)?.tags[Tag.intent] == value
            }
            check(seen, "a tag is seen when it is new and when it changes")
        }
        let seen = try await provider.describe(instance: instance.id)?.tags
        check(seen == tags, "a new tag leaves the others")
    }

    /// Those that the machine was launched with, and the one that `tags` sets.
    private var tags: [String: String] { request.tags.merging([Tag.intent: "2"]) { $1 } }

    func console(of instance: Instance, _ check: inout Findings) async throws {
        let start = try await provider.consoleOutput(of: instance.id)
        check((start == nil) != has(.fixedConsole), "a console on which nothing stands is nil")
        guard !has(.noConsole), !has(.fixedConsole) else { return }
        guard let backstage else {
            check(false, "there is a backstage that writes on consoles")
            return
        }
        try await backstage.write(Array("first\n".utf8), onConsoleOf: instance.id)
        let text = try await provider.consoleOutput(of: instance.id)
        check(text == Array("first\n".utf8), "what a machine writes is read")
        let many = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000) + Array("last\n".utf8)
        try await backstage.write(many, onConsoleOf: instance.id)
        let end = try await provider.consoleOutput(of: instance.id)
        check(end == many.suffix(64 << 10), "the newest 64 KiB are kept")
    }

    /// Stopped and started again where the market allows it, refused where not.
    func rest(of instance: Instance, _ check: inout Findings) async throws {
        try await provider.start(instance.id)
        guard request.market.canStop else {
            if has(.ignoresRules) { return }
            let refusal = await failure { () async throws(ProviderFailure) in
                try await provider.stop(instance.id)
            }
            check(refusal?.isUnsupported == true, "one-time spot cannot be stopped")
            let state = try await provider.describe(instance: instance.id)?.state
            check(state == .running, "and runs on")
            return
        }
        try await provider.stop(instance.id)
        check(try await reaches(.stopped, instance.id), "it stops in time")
        let stopped = try await provider.describe(instance: instance.id)
        check(stopped?.stateReason == "Client.UserInitiatedShutdown", "it says who stopped it")
        check(stopped?.stateSince.map { $0 <= clock.now() } ?? true, "and not when it will")
        try await provider.stop(instance.id)
        if !has(.ignoresTokens) {
            let again = try await provider.launch(request)
            check(again.id == instance.id, "a stopped machine is still its token's")
            let state = try await provider.describe(instance: instance.id)?.state
            check(
                again.state == .stopped && state == .stopped,
                "and its launch does not start it")
        }
        try await shortage(of: instance, &check)
        try await provider.start(instance.id)
        check(try await reaches(.running, instance.id), "it runs again in time")
        try await provider.start(instance.id)
        let tags = try await provider.describe(instance: instance.id)?.tags
        check(tags?[Tag.scope] == scope, "its tags outlive its rest")
    }

    /// A stopped machine whose pool has no room stays stopped, and the answer says why.
    private func shortage(of instance: Instance, _ check: inout Findings) async throws {
        guard !has(.noOfferings), !has(.noShortages), let backstage else { return }
        try await backstage.use(up: .capacity, true, of: request)
        let failure = await failure { () async throws(ProviderFailure) in
            try await provider.start(instance.id)
        }
        check(failure?.isNoCapacity == true, "without capacity a machine does not start")
        let state = try await provider.describe(instance: instance.id)?.state
        check(state == .stopped, "and stays stopped")
        try await backstage.use(up: .capacity, false, of: request)
    }

    func end(of instance: Instance, _ check: inout Findings) async throws {
        try await provider.terminate(instance.id)
        check(try await reaches(.terminated, instance.id), "it ends in time")
        let ended = try await provider.describe(instance: instance.id)
        check(ended?.stateReason == "Client.UserInitiatedShutdown", "it says who ended it")
        check(ended?.tags == tags, "an ended machine keeps its tags for a while")
        check(try await ids().contains(instance.id), "and is listed for a while")
        try await provider.terminate(instance.id)
        if !has(.ignoresRules) {
            let start = await failure { () async throws(ProviderFailure) in
                try await provider.start(instance.id)
            }
            check(start?.isUnsupported == true, "an ended machine cannot be started")
            let stop = await failure { () async throws(ProviderFailure) in
                try await provider.stop(instance.id)
            }
            check(stop?.isUnsupported == true, "nor stopped")
        }
        if !has(.ignoresTokens) {
            check(
                await launchFailure(request) == .instanceTerminated,
                "the token of an ended machine is used up")
        }
        check(
            try await provider.describe(instance: instance.id)?.state == .terminated,
            "and it stays ended")
    }

    /// Machines that do not exist.
    func strangers(_ check: inout Findings) async throws {
        let id = InstanceID("i-0123456789abcdef0")
        for unknown in [id, InstanceID("i-1"), InstanceID("../i"), InstanceID("")] {
            let found = try await provider.describe(instance: unknown)
            check(found == nil, "the unknown id \"\(unknown)\" is nil")
        }
        for (name, failure) in [
            (
                "started",
                await failure { () async throws(ProviderFailure) in
                    try await provider.start(id)
                }
            ),
            (
                "stopped",
                await failure { () async throws(ProviderFailure) in
                    try await provider.stop(id)
                }
            ),
            (
                "tagged",
                await failure { () async throws(ProviderFailure) in
                    try await provider.tag(id, ["a": "b"])
                }
            ),
        ] where !(has(.ignoresRules) && name == "tagged") {
            check(failure != nil, "an unknown machine cannot be \(name)")
        }
        // Nothing is left to be ended, or nobody knows: never that it cannot be.
        let ended = await failure { () async throws(ProviderFailure) in
            try await provider.terminate(id)
        }
        check(ended?.isUnsupported != true, "an unknown machine can always be ended")
    }

    private func failure(
        _ order: () async throws(ProviderFailure) -> Void
    ) async -> ProviderFailure? {
        await thrown(order)
    }
}
