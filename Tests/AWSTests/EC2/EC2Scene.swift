import TestSupport
import Training
import Transport

@testable import AWS

/// A scripted EC2 that holds each call against botocore's model, and a provider that uses it.
struct EC2Scene {
    static let region = "us-east-1"

    let provider: EC2Provider
    let ec2: EC2
    private let server: ScriptServer
    private let http: HTTPClient

    init(clock: any WallClock = TestClock()) async throws {
        let server = try await offPool { try ScriptServer("ec2_server.py") }
        self.server = server
        http = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
        let client = AWSClient(
            http: http,
            credentials: FixedCredentials(
                AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRET")),
            endpoints: Endpoints(everything: try HTTPURL(server.url(""))), clock: clock)
        ec2 = EC2(client, region: Self.region)
        provider = EC2Provider(
            ec2, parameters: SSM(client, region: Self.region), prices: .published, clock: clock)
    }

    // MARK: The script

    struct NotScripted: Error {
        var reason: String
    }

    /// What the next call of the action gets; `body` stands inside the answer's root.
    func answer(_ action: String, _ body: String) async throws {
        try await put(
            "answer/\(action)/200", "<\(action)Response>\(body)</\(action)Response>")
    }

    func refuse(
        _ action: String, _ code: String, _ message: String = "", status: Int = 400, times: Int = 1
    ) async throws {
        try await put(
            "answer/\(action)/\(status)?times=\(times)",
            "<Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
                + "</Errors><RequestID>r-1</RequestID></Response>")
    }

    /// The next call of the action gets no answer.
    func lose(_ action: String) async throws {
        try await put("answer/\(action)/0", "")
    }

    func set(parameter: String, _ value: String) async throws {
        try await put("parameter\(parameter)", value)
    }

    /// The calls so far, with their parameters as botocore names them.
    func calls(_ action: String) async throws -> [String] {
        let log = try await http.send(HTTPRequest(.get, try HTTPURL(server.url("log")))).body
        return String(decoding: log, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("\(action) ") }.map { String($0.dropFirst(action.count + 1)) }
    }

    private func put(_ path: String, _ body: String) async throws {
        var request = HTTPRequest(.put, try HTTPURL(server.url(path)))
        request.body = .bytes(Array(body.utf8))
        let response = try await http.send(request)
        guard response.head.status == 200 else {
            throw NotScripted(reason: String(decoding: response.body, as: UTF8.self))
        }
    }

    // MARK: Bodies

    static func machine(
        _ id: String, _ code: Int = 16, _ state: String = "running", token: String = "t",
        more: String = ""
    ) -> String {
        """
        <item><instanceId>\(id)</instanceId><imageId>ami-1</imageId>\
        <instanceState><code>\(code)</code><name>\(state)</name></instanceState>\
        <instanceType>g5.xlarge</instanceType><launchTime>2026-11-21T12:00:00.000Z</launchTime>\
        <placement><availabilityZone>us-east-1a</availabilityZone></placement>\
        <clientToken>\(token)</clientToken>\(more)</item>
        """
    }

    static func reservation(_ machines: [String]) -> String {
        "<item><reservationId>r-1</reservationId><instancesSet>\(machines.joined())"
            + "</instancesSet></item>"
    }

    /// Each machine in a reservation of its own.
    static func reservations(_ machines: String...) -> String {
        "<reservationSet>\(machines.map { reservation([$0]) }.joined())</reservationSet>"
    }

    static func request(
        market: Market = .spot, disk: Int? = 100, maxPrice: Dollars? = nil,
        userData: String = "#!/bin/sh\n"
    ) -> LaunchRequest {
        LaunchRequest(
            clientToken: "token-1", region: region, market: market, shutdownBehavior: .terminate,
            tags: [Tag.scope: "s", Tag.run: "a"], userData: userData,
            machine: MachineRequest(
                instanceType: "g5.xlarge", zone: "us-east-1a", subnet: "subnet-1",
                image: MachineImage(
                    id: "ami-1", reference: nil, rootDevice: "/dev/sda1", rootSize: 35),
                diskSize: disk, securityGroups: ["sg-2", "sg-1"],
                instanceProfile: "holdfast-instance", keyName: nil, maxPrice: maxPrice))
    }
}

/// A clock that really waits, much longer than asked for: calls that come together are gathered on
/// a busy machine, too.
struct PatientClock: WallClock {
    func now() -> Timestamp { TestClock().now() }
    func sleep(for span: Duration) async throws { try await Task.sleep(for: span * 40) }
}

/// What is wrong when a call fails; nil when it does not.
func failure(
    _ body: () async throws(ProviderFailure) -> Void
) async -> ProviderFailure? {
    do throws(ProviderFailure) {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension ProviderFailure {
    var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }

    var isUnsupported: Bool {
        if case .unsupported = self { true } else { false }
    }

    var isDenied: Bool {
        if case .denied = self { true } else { false }
    }
}
