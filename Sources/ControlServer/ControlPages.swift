import FlyingFox
import FlyingSocks
import FoundationEssentials
package import Training

/// `/metrics`, `/healthz` and `/readyz` on a loopback address.
package struct ControlPages: Sendable {
    private let board: StatusBoard
    private let clock: any WallClock

    package init(board: StatusBoard, clock: any WallClock) {
        self.board = board
        self.clock = clock
    }

    /// Serves until the task is cancelled; throws when the address cannot be had.
    ///
    /// `onListening` gets the port, once connections are taken.
    package func serve(
        on address: ListenAddress, onListening: @escaping @Sendable (UInt16) -> Void = { _ in }
    ) async throws(ControlServerFailure) {
        do {
            let server = try server(on: address)
            await route(server)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                group.addTask {
                    try await server.waitUntilListening()
                    if let port = await server.port { onListening(port) }
                }
                for try await _ in group {}
            }
        } catch is CancellationError {
            return
        } catch {
            if Task.isCancelled { return }
            throw ControlServerFailure(description: "cannot listen on \(address): \(error)")
        }
    }

    private func server(on address: ListenAddress) throws -> HTTPServer {
        switch address.host {
        case .ip4:
            HTTPServer(
                address: try .inet(ip4: address.host.rawValue, port: address.port),
                logger: .disabled)
        case .ip6:
            HTTPServer(address: .loopback(port: address.port), logger: .disabled)
        }
    }

    private func route(_ server: HTTPServer) async {
        let pages = self
        await server.appendRoute("GET /metrics") { (_: HTTPRequest) in
            HTTPResponse(
                statusCode: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: Data(pages.board.metrics.utf8))
        }
        await server.appendRoute("GET /healthz") { (_: HTTPRequest) in
            pages.answer(pages.board.illness(at: pages.clock.now()))
        }
        await server.appendRoute("GET /readyz") { (_: HTTPRequest) in
            pages.answer(pages.board.isReady ? nil : "no plan has been made yet")
        }
    }

    private func answer(_ complaint: String?) -> HTTPResponse {
        HTTPResponse(
            statusCode: complaint == nil ? .ok : .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: Data("\(complaint ?? "ok")\n".utf8))
    }
}

/// Why the pages cannot be served.
package struct ControlServerFailure: Error, CustomStringConvertible {
    package let description: String
}

extension HTTPServer {
    fileprivate var port: UInt16? {
        switch listeningAddress {
        case .ip4(_, let port), .ip6(_, let port): port
        default: nil
        }
    }
}
