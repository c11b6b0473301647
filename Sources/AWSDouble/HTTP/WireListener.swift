import Glibc
import Synchronization

/// A port of 127.0.0.1 that answers HTTP: a thread that accepts and one for each connection.
///
/// Threads, and an HTTP server of our own, because signatures cover the raw request, an answer must
/// be losable, and the model behind it is synchronous.
final class WireListener: Sendable {
    typealias Handler = @Sendable (WireRequest) -> WireAnswer

    /// No more connections are served at once; further ones wait in the system's queue.
    static let connectionLimit = 1_000

    let port: Int
    private let socket: Int32
    private let clock: DoubleClock
    private let state = Mutex(State())

    private struct State {
        var connections: Set<Int32> = []
        var isClosed = false
    }

    /// Why no port could be had.
    struct Refused: Error, CustomStringConvertible {
        var port: Int
        var code: Int32
        var description: String {
            "cannot listen on 127.0.0.1:\(port): \(String(cString: strerror(code)))"
        }
    }

    /// Takes the port, 0 for a free one; connections wait until `serve`.
    init(port wanted: Int, clock: DoubleClock) throws(Refused) {
        // Children of this process get none of its descriptors, however they were made.
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(clamping: wanted).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size) != 0 || listen(socket, 1_024) != 0
                    || getsockname(socket, address, &size) != 0
            }
        }
        guard !failed else {
            let code = errno
            Glibc.close(socket)
            throw Refused(port: wanted, code: code)
        }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        self.clock = clock
    }

    /// Answers from now on.
    func serve(_ handler: @escaping Handler) {
        detachThread { self.acceptAll(handler) }
    }

    /// Takes no more connections and cuts those that are open.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            shutdown(socket, Int32(SHUT_RDWR))
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func acceptAll(_ handler: @escaping Handler) {
        while true {
            let accepted = accept(socket, nil, nil)
            guard accepted >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if state.withLock(\.isClosed) {
                    Glibc.close(socket)
                    return
                }
                usleep(10_000)  // out of descriptors: some will come back
                continue
            }
            let isTaken = state.withLock { state in
                guard !state.isClosed, state.connections.count < WireListener.connectionLimit
                else { return false }
                state.connections.insert(accepted)
                return true
            }
            if isTaken {
                detachThread { self.answer(accepted, handler) }
            } else {
                Glibc.close(accepted)
            }
        }
    }

    private func answer(_ descriptor: Int32, _ handler: Handler) {
        var connection = WireConnection(descriptor)
        connection.serve(handler, clock: clock)
        // Before it is closed: afterwards the number may already be another's.
        _ = state.withLock { $0.connections.remove(descriptor) }
    }
}

/// Runs `body` on a thread of its own.
func detachThread(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let failure = pthread_create(
        &thread, nil,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    guard failure == 0 else {
        work.release()
        return
    }
    pthread_detach(thread)
}
