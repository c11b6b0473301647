package import Checkpoints
import Synchronization
package import Training

/// A whole world on virtual time: AWS, a repository, machines and reconcilers, on one thread.
///
/// The production loops run in it unchanged; each of their calls to a port is one event of the
/// agenda. Nothing in it reads a clock or draws from the system: one seed gives one history.
package final class World: Sendable {
    let lane = Lane()
    private let state: Mutex<WorldState>

    let bucket: SimulatedStore
    /// How records stand in the store: as JSON, or as what stands for it.
    let coding: any RecordCoding

    /// `bucket` exists in `cloud`, at whose moment the world begins.
    package init(
        cloud: SimulatedCloud, bucket: SimulatedStore, repository: SimulatedRepository,
        coding: any RecordCoding = JSONRecordCoding(), seed: UInt64
    ) {
        self.bucket = bucket
        self.coding = coding
        state = Mutex(
            WorldState(
                cloud: cloud, bucket: bucket, repository: repository, coding: coding, seed: seed))
    }

    /// Looks at the world, or changes it from outside.
    package func with<Answer: Sendable>(
        _ body: (inout WorldState) throws -> Answer
    ) rethrows -> Answer {
        try state.withLock { try body(&$0) }
    }

    /// Lets everything happen that is due until `end`, or until a reconciler dies.
    package func run(until end: Timestamp) {
        goOn()
        while takeNext(until: end) { goOn() }
        with { state in
            if !state.reconcilerDied { state.now = max(state.now, end) }
            state.reconcilerDied = false
            // Whatever is done to the world from outside is done now, in its regions as well.
            state.cloud.move(to: state.now)
        }
    }

    /// Ends every process: code that is suspended for good would keep its whole world.
    func end() {
        with { state in
            for process in state.lives.keys.sorted() { state.kill(process) }
        }
        goOn()
        for resume in with({ $0.takeResumptions() }) { resume() }
        goOn()
        with { $0.hands = [:] }
    }

    /// Runs all code that is ready, until everybody waits for the world.
    private func goOn() {
        lane.drain()
        while true {
            let errands = with { state in
                defer { state.errands.removeAll(keepingCapacity: true) }
                return state.errands
            }
            guard !errands.isEmpty else { return }
            for errand in errands { run(errand) }
            lane.drain()
        }
    }

    private func run(_ errand: WorldState.Errand) {
        switch errand {
        case .begin(let process, let id, let configuration, let boot):
            let hands = MachineHands(
                configuration, instance: id, boot: boot,
                in: WorldSurroundings(world: self, process: process, machine: id), coding: coding)
            with { $0.hands[process] = hands }
        case .order(let process, let id, let order):
            guard let hands = with({ $0.hands[process] }) else { return }
            Task(executorPreference: lane) {
                let answer = await hands.carryOut(order)
                self.with { $0.take(answer, from: process, on: id) }
            }
        }
    }

    private func takeNext(until end: Timestamp) -> Bool {
        with { state in
            let due = [state.agenda.next, state.cloud.nextEvent].compactMap { $0 }.min()
            guard !state.reconcilerDied, let due, due <= end else { return false }
            state.now = max(state.now, due)
            state.happen()
            return true
        }
    }
}

extension WorldState {
    /// What frozen processes were to learn when they thaw; nothing else is due any more.
    fileprivate mutating func takeResumptions() -> [@Sendable () -> Void] {
        var resumptions: [@Sendable () -> Void] = []
        while let (_, happening) = agenda.take(dueAt: Timestamp(milliseconds: .max)) {
            if case .resume(let resume) = happening { resumptions.append(resume) }
        }
        return resumptions
    }

    /// Carries out the next thing that is due now.
    mutating func happen() {
        events += 1
        if let next = cloud.nextEvent, next <= now {
            let befallen = cloud.advance(to: now)
            // What fades ended long before.
            if befallen.contains(where: { $0.kind != .faded }) { changed() }
            for event in befallen { befall(event) }
            return
        }
        guard let (_, happening) = agenda.take(dueAt: now) else { return }
        switch happening {
        case .call(let number): carryOut(number)
        case .resume(let resume): resume()
        case .wake(let number, let version): wake(number, version: version)
        case .boot(let id, let boot): startAgent(on: id, boot: boot)
        case .machine(let id): wakeMachine(id)
        case .alarm: changed()
        }
    }
}

extension World {
    /// One call of a process to a port of the world.
    ///
    /// `lost` is what the caller learns when no answer comes.
    func call<Answer: Sendable, Failure: Error>(
        _ call: PortCall, by caller: ProcessID, lost: Failure,
        _ body: @escaping @Sendable (inout WorldState) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Answer, Failure>, Never>) in
            with { state in
                state.send(call, by: caller) { state, delivery in
                    var result = Result<Answer, Failure>.failure(lost)
                    if delivery != .lost, delivery != .dropped {
                        let effect = WorldState.attempt(body, &state)
                        if delivery == .answered { result = effect }
                    }
                    if case .failure(let failure) = result, delivery != .dropped {
                        state.failures.add(ErrorClass.name(of: failure))
                    }
                    let answer = result
                    return { if delivery != .orphaned { continuation.resume(returning: answer) } }
                }
            }
        }
        return try outcome.get()
    }
}

extension World {
    /// A call that only reads: of a reconciler's, the witness learns whether it was answered whole.
    func read<Answer: Sendable, Failure: Error>(
        _ reading: WorldFact.Reading, _ call: PortCall, by caller: ProcessID, lost: Failure,
        _ body: @escaping @Sendable (inout WorldState) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        guard case .reconciler = caller else {
            return try await self.call(call, by: caller, lost: lost, body)
        }
        do throws(Failure) {
            return try await self.call(call, by: caller, lost: lost) { state throws(Failure) in
                let answer = try body(&state)
                state.note(.read(reading, isWhole: true), by: caller)
                return answer
            }
        } catch {
            with { $0.note(.read(reading, isWhole: false), by: caller) }
            throw error
        }
    }
}

extension WorldState {
    fileprivate static func attempt<Answer, Failure: Error>(
        _ body: (inout WorldState) throws(Failure) -> Answer, _ state: inout WorldState
    ) -> Result<Answer, Failure> {
        do {
            return .success(try body(&state))
        } catch {
            return .failure(error)
        }
    }
}
