import Glibc
import Simulation
import Synchronization
import Training

/// Takes every call on its way: names it, checks its signature, has it done, and strikes where the
/// control API asked for it.
final class CallRouter: Sendable {
    private let cloud: Cloud
    private let services: [String: any WireService]
    private let state = Mutex(State())

    private struct State {
        var kills = KillRules()
        var requests = 0
    }

    init(cloud: Cloud, services: [any WireService]) {
        self.cloud = cloud
        self.services = Dictionary(services.map { ($0.service.rawValue, $0) }) { first, _ in first }
    }

    /// Adds a rule, or takes all of them away.
    func add(_ rule: KillRule?) {
        state.withLock { state in
            if let rule { state.kills.add(rule) } else { state.kills = KillRules() }
        }
    }

    /// What each rule has met, in the order in which they were added.
    var killRecords: [KillRules.Record] { state.withLock(\.kills.records) }

    /// Answers one request to a service.
    func answer(_ request: WireRequest) -> WireAnswer {
        let claim: Result<SignedRequest, SignatureFault>
        do throws(SignatureFault) {
            claim = .success(try SignedRequest(request))
        } catch {
            claim = .failure(error)
        }
        guard let service = service(of: request, try? claim.get()) else {
            return WireAnswer(404, type: "text/plain", "no such service\n")
        }
        let region = (try? claim.get().region) ?? "us-east-1"
        var call = service.call(for: request, region: region)
        if case .success(let claim) = claim {
            call.accessKey = claim.accessKeyID
            call.sessionToken = claim.sessionToken
        }
        let caller = cloud.caller(of: call)
        let (number, kills) = state.withLock { state in
            state.requests += 1
            return (state.requests, state.kills.strike(call, by: caller))
        }
        let requestID = Digest(of: "request \(number)").hex.prefix(32).uppercased()
        let early = kills.filter { $0.when == .before }
        if !early.isEmpty {
            cloud.with { $0.note(call, "never arrived") }
            for rule in early { rule.kill() }
            return .lost
        }
        let answer = answer(request, claim, call, service, requestID)
        for rule in kills { rule.kill() }
        if !answer.isLost, (200..<300).contains(answer.status) {
            state.withLock { $0.kills.answered(call, by: caller) }
        }
        return answer
    }

    private func answer(
        _ request: WireRequest, _ claim: Result<SignedRequest, SignatureFault>, _ call: CloudCall,
        _ service: any WireService, _ requestID: String
    ) -> WireAnswer {
        let body: ChunkedBody
        do throws(SignatureFault) {
            body = try verified(request, claim, call)
        } catch {
            let failure = service.refusal(of: error)
            cloud.with { $0.note(call, failure.code) }
            return service.document(for: failure, of: call, requestID: requestID)
        }
        let work = ServiceCall(request: request, body: body, call: call, requestID: requestID)
        let outcome = cloud.perform(call) { model throws(CloudFailure) in
            try service.perform(work, on: &model)
        }
        switch outcome {
        case .answered(let rendering, let delay):
            wait(delay)
            return rendering()
        case .refused(let failure, let delay):
            wait(delay)
            return service.document(for: failure, of: call, requestID: requestID)
        case .unanswered(let delay):
            wait(delay)
            return .lost
        }
    }

    private func service(of request: WireRequest, _ claim: SignedRequest?) -> (any WireService)? {
        if let claim { return services[claim.service] }
        // Without a claim only the shape tells: the form of STS's web identity, or else an object.
        let isForm = request["content-type"]?.hasPrefix("application/x-www-form") == true
        return services[isForm && request.method == "POST" ? "sts" : "s3"]
    }

    private func verified(
        _ request: WireRequest, _ claim: Result<SignedRequest, SignatureFault>, _ call: CloudCall
    ) throws(SignatureFault) -> ChunkedBody {
        switch claim {
        case .failure(.missing) where call.operation == "AssumeRoleWithWebIdentity":
            return ChunkedBody(bytes: request.body, trailers: [])
        case .failure(let fault): throw fault
        case .success(let claim):
            return try SignatureVerifier.verify(
                request, claim, key: cloud.key(claim.accessKeyID), now: cloud.clock.now)
        }
    }

    private func wait(_ milliseconds: Int64) {
        if milliseconds > 0 { usleep(UInt32(clamping: milliseconds * 1000)) }
    }
}
