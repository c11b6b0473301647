/// The same exchange for a thread that may block, such as a libgit2 callback. Each wait ends, at
/// the latest by the request's total deadline. Never call these from async code.
extension HTTPExchange {
    /// Blocks until the head of the response is there.
    package func blockingHead() throws(TransportFailure) -> HTTPHead {
        stream.block { $0.head != nil || $0.outcome != nil }
        return try stream.takeHead().get()
    }

    /// Blocks until body bytes are there and copies them; zero at the end of the body.
    package func blockingRead(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(TransportFailure) -> Int {
        stream.block { $0.buffered > 0 || $0.outcome != nil }
        guard let chunk = try stream.takeChunk(atMost: buffer.count).get() else { return 0 }
        buffer.copyBytes(from: chunk)
        return chunk.count
    }
}
