/// The bounded buffer between libcurl's thread, which fills it, and one reader, which drains it.
final class ResponseStream: Sendable {
    struct State {
        var head: HTTPHead?
        /// Chunks as they came; the first one is read from `offset` on.
        var chunks: [[UInt8]] = []
        var first = 0
        var offset = 0
        var buffered = 0
        /// Set once; nothing is delivered after it.
        var outcome: Result<Void, TransportFailure>?
        /// libcurl holds bytes back until the reader has made room.
        var isPaused = false
        var waiters: [Waiter] = []
    }

    struct Waiter {
        let isReady: @Sendable (borrowing State) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private let monitor = Monitor(State())
    private let capacity: Int
    /// Asks libcurl's thread to go on, or to drop the transfer.
    private let resume: @Sendable () -> Void
    private let abandon: @Sendable () -> Void

    init(
        capacity: Int, resume: @escaping @Sendable () -> Void,
        abandon: @escaping @Sendable () -> Void
    ) {
        self.capacity = max(capacity, 1)
        self.resume = resume
        self.abandon = abandon
    }

    // MARK: libcurl's side

    func deliver(_ head: HTTPHead) {
        update { state in
            if state.outcome == nil { state.head = head }
        }
    }

    enum Delivery {
        case taken
        case full
        case closed
    }

    /// Takes the bytes, or none of them when the reader must catch up first.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Delivery {
        update { state in
            guard state.outcome == nil else { return .closed }
            guard state.buffered == 0 || state.buffered + bytes.count <= capacity else {
                state.isPaused = true
                return .full
            }
            state.chunks.append(Array(bytes))
            state.buffered += bytes.count
            return .taken
        }
    }

    func finish(_ outcome: Result<Void, TransportFailure>) {
        update { state in
            guard state.outcome == nil else { return }
            state.outcome = outcome
            if case .failure = outcome { state.drop() }
        }
    }

    // MARK: The reader's side

    func cancel() {
        let wasOpen = update { state in
            guard state.outcome == nil else { return false }
            state.outcome = .failure(.cancelled)
            state.drop()
            return true
        }
        if wasOpen { abandon() }
    }

    func takeHead() -> Result<HTTPHead, TransportFailure> {
        monitor.withLock { state in
            if case .failure(let failure)? = state.outcome { return .failure(failure) }
            guard let head = state.head else {
                return .failure(.interrupted("the response has no head"))
            }
            return .success(head)
        }
    }

    /// What is buffered first, at most `count` bytes of it; nil at the end of the body.
    func takeChunk(atMost count: Int) -> Result<[UInt8]?, TransportFailure> {
        let (result, mayResume) = monitor.withLock { state in
            guard state.buffered > 0 else {
                let result = (state.outcome ?? .success(())).map { nil as [UInt8]? }
                return (result, false)
            }
            let chunk = state.take(atMost: count)
            let mayResume = state.isPaused && state.buffered <= capacity / 2
            if mayResume { state.isPaused = false }
            return (.success(chunk), mayResume)
        }
        if mayResume { resume() }
        return result
    }

    func notify(
        _ continuation: CheckedContinuation<Void, Never>,
        when isReady: @escaping @Sendable (borrowing State) -> Bool
    ) {
        update { state in
            state.waiters.append(Waiter(isReady: isReady, continuation: continuation))
        }
    }

    func block(until isReady: (borrowing State) -> Bool) {
        monitor.wait { state in isReady(state) ? () : nil }
    }

    /// Changes the state, then resumes whoever waited for just that, outside of the lock.
    private func update<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, ready) = monitor.withLock { state in
            let value = body(&state)
            let waiters = state.waiters
            let ready = waiters.filter { $0.isReady(state) }
            if !ready.isEmpty { state.waiters = waiters.filter { !$0.isReady(state) } }
            return (value, ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return value
    }
}

extension ResponseStream.State {
    fileprivate mutating func take(atMost count: Int) -> [UInt8] {
        let chunk = chunks[first]
        let end = min(chunk.count, offset + max(count, 1))
        let taken = offset == 0 && end == chunk.count ? chunk : Array(chunk[offset..<end])
        buffered -= taken.count
        offset = end
        if end == chunk.count {
            chunks[first] = []
            first += 1
            offset = 0
        }
        // Drops the read chunks now and then, so that taking one stays cheap.
        if first == chunks.count || first >= 256 {
            chunks.removeFirst(first)
            first = 0
        }
        return taken
    }

    fileprivate mutating func drop() {
        chunks = []
        first = 0
        offset = 0
        buffered = 0
    }
}
