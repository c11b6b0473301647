import CLibGit2
import Training
import Transport

/// The bridge from libgit2's smart transport to `SmartExchange`: libgit2 1.5's own HTTP has no
/// timeouts and no TLS 1.3.
enum SmartSubtransport {
    /// A `git_transport_cb` whose payload is an unretained `FetchControl` that outlives the fetch.
    static let makeTransport: git_transport_cb = { out, owner, payload in
        var definition = git_smart_subtransport_definition(
            callback: SmartSubtransport.make, rpc: 1, param: payload)
        return git_transport_smart(out, owner, &definition)
    }

    private static let make: git_smart_subtransport_cb = { out, _, payload in
        guard let out, let payload else { return -1 }
        let control = Unmanaged<FetchControl>.fromOpaque(payload).takeUnretainedValue()
        let subtransport = UnsafeMutablePointer<shim_subtransport>.allocate(capacity: 1)
        subtransport.initialize(to: shim_subtransport())
        subtransport.pointee.base.action = SmartSubtransport.act
        subtransport.pointee.base.close = { _ in 0 }
        subtransport.pointee.base.free = SmartSubtransport.free
        let connection = Connection(control)
        subtransport.pointee.context = Unmanaged.passRetained(connection).toOpaque()
        out.pointee = UnsafeMutableRawPointer(subtransport)
            .assumingMemoryBound(to: git_smart_subtransport.self)
        return 0
    }

    private static let act:
        @convention(c) (
            UnsafeMutablePointer<UnsafeMutablePointer<git_smart_subtransport_stream>?>?,
            UnsafeMutablePointer<git_smart_subtransport>?, UnsafePointer<CChar>?,
            git_smart_service_t
        ) -> Int32 = { out, subtransport, url, service in
            guard let out, let subtransport, let url else { return -1 }
            let connection = SmartSubtransport.connection(of: subtransport)
            let source: Stream.Source
            let text = String(cString: url)
            switch service {
            case GIT_SERVICE_UPLOADPACK_LS:
                do throws(SourceFailure) {
                    source = .answer(try connection.exchange.list(text))
                } catch {
                    return connection.fail(error)
                }
            case GIT_SERVICE_UPLOADPACK: source = .request(text, [])
            default: return connection.fail(.refused("nothing is ever pushed"))
            }
            out.pointee = SmartSubtransport.makeStream(subtransport, connection, source)
            return 0
        }

    private static let free:
        @convention(c) (UnsafeMutablePointer<git_smart_subtransport>?) -> Void =
            { subtransport in
                guard let subtransport else { return }
                let whole = UnsafeMutableRawPointer(subtransport)
                    .assumingMemoryBound(to: shim_subtransport.self)
                Unmanaged<Connection>.fromOpaque(whole.pointee.context).release()
                whole.deallocate()
            }

    private static func connection(
        of subtransport: UnsafeMutablePointer<git_smart_subtransport>
    ) -> Connection {
        let whole = UnsafeMutableRawPointer(subtransport)
            .assumingMemoryBound(to: shim_subtransport.self)
        return Unmanaged<Connection>.fromOpaque(whole.pointee.context).takeUnretainedValue()
    }

    // MARK: Streams

    private static func makeStream(
        _ subtransport: UnsafeMutablePointer<git_smart_subtransport>, _ connection: Connection,
        _ source: Stream.Source
    ) -> UnsafeMutablePointer<git_smart_subtransport_stream> {
        let stream = UnsafeMutablePointer<shim_stream>.allocate(capacity: 1)
        stream.initialize(to: shim_stream())
        stream.pointee.base.subtransport = subtransport
        stream.pointee.base.read = SmartSubtransport.read
        stream.pointee.base.write = SmartSubtransport.write
        stream.pointee.base.free = SmartSubtransport.freeStream
        let context = Stream(connection, source)
        stream.pointee.context = Unmanaged.passRetained(context).toOpaque()
        return UnsafeMutableRawPointer(stream)
            .assumingMemoryBound(to: git_smart_subtransport_stream.self)
    }

    private static let read:
        @convention(c) (
            UnsafeMutablePointer<git_smart_subtransport_stream>?, UnsafeMutablePointer<CChar>?, Int,
            UnsafeMutablePointer<Int>?
        ) -> Int32 = { stream, buffer, size, count in
            guard let stream, let buffer, let count else { return -1 }
            let requested = SmartSubtransport.stream(behind: stream)
            let bytes = UnsafeMutableRawBufferPointer(start: buffer, count: size)
            do throws(SourceFailure) {
                count.pointee = try requested.read(into: bytes)
                return 0
            } catch {
                return requested.connection.fail(error)
            }
        }

    private static let write:
        @convention(c) (
            UnsafeMutablePointer<git_smart_subtransport_stream>?, UnsafePointer<CChar>?, Int
        ) -> Int32 = { stream, bytes, size in
            guard let stream, let bytes else { return -1 }
            let requested = SmartSubtransport.stream(behind: stream)
            do throws(SourceFailure) {
                try requested.write(UnsafeRawBufferPointer(start: bytes, count: size))
                return 0
            } catch {
                return requested.connection.fail(error)
            }
        }

    private static let freeStream:
        @convention(c) (UnsafeMutablePointer<git_smart_subtransport_stream>?) -> Void = { stream in
            guard let stream else { return }
            let whole = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: shim_stream.self)
            Unmanaged<Stream>.fromOpaque(whole.pointee.context).release()
            whole.deallocate()
        }

    private static func stream(
        behind stream: UnsafeMutablePointer<git_smart_subtransport_stream>
    ) -> Stream {
        let whole = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: shim_stream.self)
        return Unmanaged<Stream>.fromOpaque(whole.pointee.context).takeUnretainedValue()
    }
}

/// What stands behind one subtransport.
private final class Connection {
    let exchange: SmartExchange
    private let control: FetchControl

    init(_ control: FetchControl) {
        self.control = control
        exchange = SmartExchange(control)
    }

    /// Keeps the failure for the caller of libgit2 and gives libgit2 its own.
    func fail(_ failure: SourceFailure) -> Int32 {
        control.fail(failure)
        git_error_set_str(Int32(GIT_ERROR_NET.rawValue), "the transport failed")
        return -1
    }
}

/// One request and its answer, as libgit2 sees it: writes first, then reads.
private final class Stream {
    enum Source {
        /// Collects what libgit2 writes until it reads for the first time.
        case request(String, [UInt8])
        case answer(HTTPExchange)
    }

    let connection: Connection
    private var source: Source

    /// What we have is told in a few KiB; far more means that something is wrong.
    private static let requestBytes = 16 << 20

    init(_ connection: Connection, _ source: Source) {
        self.connection = connection
        self.source = source
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SourceFailure) {
        guard case .request(let url, let body) = source,
            body.count + bytes.count <= Stream.requestBytes
        else { throw .damaged("libgit2 writes out of turn") }
        source = .request(url, body + bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SourceFailure) -> Int {
        let answer: HTTPExchange
        switch source {
        case .answer(let exchange): answer = exchange
        case .request(let url, let body):
            answer = try connection.exchange.post(url, body)
            source = .answer(answer)
        }
        do {
            return try answer.blockingRead(into: buffer)
        } catch {
            throw SmartExchange.explain(error)
        }
    }
}
