import AWS
import TestSupport
import Testing
import Training
import Transport

/// The same calls against moto, which others wrote.
struct MotoTests {
    private let server: ToolProcess
    private let client: AWSClient

    init() async throws {
        let server = try ToolProcess(
            [TestPython.interpreter, TestPython.script("moto_server.py")],
            environment: TestPython.environment)
        self.server = server
        let port = try #require(try await offPool { server.line() })
        let credentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRET")
        client = AWSClient(
            http: try HTTPClient(trust: TrustAnchors(file: nil, directory: nil)),
            credentials: FixedCredentials(credentials),
            endpoints: Endpoints(everything: try HTTPURL("http://127.0.0.1:\(port)")),
            clock: TestClock())
    }

    @Test("STS → who asks, a role's credentials with their end, also by web identity")
    func sts() async throws {
        let sts = STS(client, region: "us-east-1")
        let identity = try await sts.callerIdentity()
        #expect(identity.account == "123456789012")
        #expect(identity.arn.hasPrefix("arn:aws:"))
        let role = RoleRequest(
            arn: "arn:aws:iam::123456789012:role/r", session: "a+b=c", duration: 900)
        let now = TestClock().now()
        for credentials in [
            try await sts.assumeRole(role),
            try await sts.assumeRole(role, webIdentity: "a.b/c+d=="),
        ] {
            #expect(credentials.accessKeyID.hasPrefix("ASIA"))
            #expect(credentials.sessionToken?.isEmpty == false)
            let end = try #require(credentials.expiration)
            #expect((800...1000).contains(end.since(now).count))
        }
    }

    @Test("a public image parameter → its value; one that is not there → ParameterNotFound")
    func ssm() async throws {
        let ssm = SSM(client, region: "us-east-1")
        let image = try await ssm.parameter(
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
        #expect(image.value.hasPrefix("ami-"))
        #expect(!"\(image)".contains(image.value) && !"\([image])".contains(image.value))
        do throws(AWSFailure) {
            _ = try await ssm.parameter("/not/there")
            Issue.record("not refused")
        } catch {
            guard case .refused(let refusal) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(refusal.code == "ParameterNotFound")
        }
    }
}
