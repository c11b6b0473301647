/// One request under way: its head, then its body as a stream with backpressure.
///
/// Read it either from async code (`head`, `next`, `collect`) or, on a thread that a blocking C
/// library owns, with the calls of `HTTPExchange+Blocking.swift`. One reader at a time. Letting go
/// of it cancels what is left.
package final class HTTPExchange: Sendable {
    let stream: ResponseStream

    init(_ stream: ResponseStream) {
        self.stream = stream
    }

    deinit { stream.cancel() }

    /// Waits for the head of the response.
    package func head() async throws(TransportFailure) -> HTTPHead {
        await wait { $0.head != nil || $0.outcome != nil }
        return try stream.takeHead().get()
    }

    /// The next part of the body, never empty; nil at its end.
    package func next() async throws(TransportFailure) -> [UInt8]? {
        await wait { $0.buffered > 0 || $0.outcome != nil }
        return try stream.takeChunk(atMost: .max).get()
    }

    /// The whole body; its size is bounded by the request's limit.
    package func collect() async throws(TransportFailure) -> [UInt8] {
        var body: [UInt8] = []
        while let chunk = try await next() { body += chunk }
        return body
    }

    /// Ends the exchange; whoever waits for it gets `.cancelled`.
    ///
    /// May be called from any thread.
    package func cancel() {
        stream.cancel()
    }

    private func wait(
        until ready: @escaping @Sendable (borrowing ResponseStream.State) -> Bool
    ) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                stream.notify(continuation, when: ready)
            }
        } onCancel: {
            stream.cancel()
        }
    }
}
