import CLibCurl
import Synchronization

/// The thread that owns libcurl's multi handle: takes commands, moves bytes, reports ends.
final class TransferLoop: Sendable {
    private enum Command: Sendable {
        case start(Int, HTTPRequest, TrustAnchors, ResponseStream)
        case resume(Int)
        case abandon(Int)
    }

    private struct Inbox {
        var commands: [Command] = []
        var next = 0
        /// Started and not yet ended.
        var inFlight = 0
        var isClosed = false
        /// Nil once the thread has given it up; a wake-up after that would be a use after free.
        var multi: Multi?

        mutating func post(_ command: Command) {
            commands.append(command)
            if commands.count == 1 { wake() }
        }

        func wake() {
            if let multi { curl_multi_wakeup(multi.handle) }
        }
    }

    /// A multi handle; only `curl_multi_wakeup` is called on it from other threads.
    private struct Multi: @unchecked Sendable {
        let handle: UnsafeMutableRawPointer
    }

    private let inbox: Mutex<Inbox>
    private let greatestInFlight: Int

    /// The library is set up once in a process and never torn down.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(greatestInFlight: Int) throws(TransportFailure) {
        guard TransferLoop.isReady, let handle = curl_multi_init() else {
            throw .overloaded("libcurl does not start")
        }
        // Idle connections kept, and the most to one host: beyond it, libcurl itself queues.
        _ = shim_multi_set_long(handle, CURLMOPT_MAXCONNECTS, 64)
        _ = shim_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, 64)
        let multi = Multi(handle: handle)
        self.greatestInFlight = greatestInFlight
        inbox = Mutex(Inbox(multi: multi))
        guard Thread.start({ [self] in run(multi.handle) }) else {
            curl_multi_cleanup(handle)
            throw .overloaded("the system gives no thread")
        }
    }

    func start(_ request: HTTPRequest, trust: TrustAnchors) -> ResponseStream {
        let number = inbox.withLock { inbox in
            inbox.next += 1
            return inbox.next
        }
        let stream = ResponseStream(
            capacity: request.limits.bufferedBytes,
            resume: { [weak self] in self?.post(.resume(number)) },
            abandon: { [weak self] in self?.post(.abandon(number)) })
        let isAccepted = inbox.withLock { inbox in
            guard !inbox.isClosed, inbox.inFlight < greatestInFlight else { return false }
            inbox.inFlight += 1
            inbox.post(.start(number, request, trust, stream))
            return true
        }
        if !isAccepted {
            stream.finish(.failure(.overloaded("\(greatestInFlight) requests are under way")))
        }
        return stream
    }

    func close() {
        inbox.withLock { inbox in
            inbox.isClosed = true
            inbox.wake()
        }
    }

    private func post(_ command: Command) {
        inbox.withLock { inbox in
            if !inbox.isClosed { inbox.post(command) }
        }
    }

    // MARK: On the thread

    private func run(_ multi: UnsafeMutableRawPointer) {
        var transfers: [Int: Transfer] = [:]
        while true {
            let (commands, isClosed) = inbox.withLock { inbox in
                let commands = inbox.commands
                inbox.commands = []
                // The handle goes away under the lock, so that nobody wakes it afterwards.
                if inbox.isClosed { inbox.multi = nil }
                return (commands, inbox.isClosed)
            }
            for command in commands { obey(command, multi, &transfers) }
            if isClosed { break }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collect(multi, &transfers)
            // Commands wake the poll; its own bound only keeps the loop observable.
            curl_multi_poll(multi, nil, 0, 10_000, nil)
        }
        for transfer in transfers.values { transfer.end(multi, .failure(.cancelled)) }
        curl_multi_cleanup(multi)
    }

    private func obey(
        _ command: Command, _ multi: UnsafeMutableRawPointer, _ transfers: inout [Int: Transfer]
    ) {
        switch command {
        case .start(let number, let request, let trust, let stream):
            do {
                let transfer = try Transfer(number, request, trust, stream)
                try transfer.begin(multi)
                transfers[number] = transfer
            } catch {
                stream.finish(.failure(error))
                ended()
            }
        case .resume(let number):
            transfers[number]?.resume()
        case .abandon(let number):
            guard let transfer = transfers.removeValue(forKey: number) else { return }
            transfer.end(multi, .failure(.cancelled))
            ended()
        }
    }

    private func collect(
        _ multi: UnsafeMutableRawPointer, _ transfers: inout [Int: Transfer]
    ) {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE,
                let easy = message.pointee.easy_handle,
                let transfer = Transfer.of(easy)
            else { continue }
            let code = message.pointee.data.result
            if transfer.follows(multi, code) { continue }
            transfers[transfer.number] = nil
            transfer.end(multi, transfer.outcome(of: code))
            ended()
        }
    }

    private func ended() {
        inbox.withLock { $0.inFlight -= 1 }
    }
}
