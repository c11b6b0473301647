import AWS
import TestSupport
import Testing
import Training
import Transport

struct CredentialChainTests {
    private let server: IdentityServer
    private let home: TemporaryDirectory
    private let clock = TestClock()

    init() async throws {
        server = try await offPool { try IdentityServer() }
        home = try TemporaryDirectory()
    }

    private func load(
        _ extra: [String: String] = [:], profile: String? = nil,
        runner: (any CommandRunner)? = ToolRunner()
    ) async throws(CredentialFailure) -> FoundCredentials {
        var environment = server.environment.merging(extra) { $1 }
        environment["HOME"] = home.path
        environment["PATH"] = "/usr/bin:/bin"
        return try await CredentialChain(
            environment: environment, profile: profile, http: server.http, clock: clock,
            runner: runner
        ).load()
    }

    private func key(_ extra: [String: String] = [:], profile: String? = nil) async throws -> String
    {
        try await load(extra, profile: profile).credentials.accessKeyID
    }

    private func failure(
        _ extra: [String: String] = [:], profile: String? = nil,
        runner: (any CommandRunner)? = ToolRunner()
    ) async -> CredentialFailure? {
        do throws(CredentialFailure) {
            _ = try await load(extra, profile: profile, runner: runner)
            return nil
        } catch {
            return error
        }
    }

    private static let pair = "aws_access_key_id = BASE\naws_secret_access_key = secret\n"

    // MARK: Roles

    @Test(
        "a chain of roles → each assumed with the one before; session, external id, duration kept")
    func roles() async throws {
        home.write(".aws/credentials", "[base]\n\(Self.pair)")
        home.write(
            ".aws/config",
            """
            [profile mid]
            role_arn = arn:aws:iam::1:role/mid
            source_profile = base
            [profile top]
            role_arn = arn:aws:iam::1:role/top
            source_profile = mid
            role_session_name = me
            external_id = x1
            duration_seconds = 900
            """)
        let found = try await load(profile: "top")
        #expect(
            found.credentials.accessKeyID
                == "ASIA-top-me-x1-by-ASIA-mid-holdfast-none-by-BASE")
        let end = try #require(found.credentials.expiration)
        #expect((880...920).contains(end.since(TestClock().now()).count))
        #expect(found.place == "arn:aws:iam::1:role/top (profile top)")
    }

    @Test("a profile that is its own source and has keys → they assume the role")
    func ownSource() async throws {
        home.write(
            ".aws/config",
            "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n\(Self.pair)")
        #expect(try await key() == "ASIA-r-holdfast-none-by-BASE")
    }

    @Test("credential_source → the environment, the instance, the container")
    func credentialSource() async throws {
        for source in ["Environment", "Ec2InstanceMetadata", "EcsContainer"] {
            home.write(
                ".aws/config",
                "[profile p]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = \(source)\n")
            try await standRole()
            let asked = try await key(
                [
                    "AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url("container/task"),
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "task",
                ], profile: "p")
            let bearer = ["Environment": "ENV", "Ec2InstanceMetadata": "ASIA-instance"]
            #expect(
                asked == "ASIA-r-holdfast-none-by-\(bearer[source] ?? "ASIA-container-task")")
        }
    }

    @Test(
        "roles that cannot be assumed → the file, the line and the reason",
        arguments: [
            ("source_profile = other", ":4: source_profile leads in a circle: p → other → p"),
            ("source_profile = none", ":2: source_profile none does not exist"),
            ("credential_source = Nowhere", ":2: credential_source must be Environment"),
            ("", ":1: profile p needs either source_profile or credential_source"),
            ("mfa_serial = arn:m", ":2: profile p asks for a code of an MFA device"),
            (
                "source_profile = empty\nduration_seconds = 1",
                ":3: duration_seconds must be from 900 to 43200"
            ),
            ("source_profile = empty", ":2: source_profile empty has no credentials"),
        ])
    func wrongRoles(settings: String, expected: String) async throws {
        home.write(
            ".aws/config",
            "[profile p]\n\(settings)\nrole_arn = arn:aws:iam::1:role/r\n"
                + "[profile other]\nsource_profile = p\nrole_arn = arn:aws:iam::1:role/o\n"
                + "[profile empty]\n")
        let text = try #require(await failure(profile: "p")).description
        let reason = expected.split(separator: ": ", maxSplits: 1)[1]
        #expect(text.hasPrefix(home(".aws/config") + ":"))
        #expect(text.contains(reason), "\(text)")
    }

    @Test("a role that STS refuses → its reason, and no secret")
    func refusedRole() async throws {
        home.write(
            ".aws/config",
            "[default]\nrole_arn = arn:aws:iam::1:role/forbidden\nsource_profile = default\n"
                + "aws_access_key_id = BASE\naws_secret_access_key = topsecret\n")
        let failure = try #require(await failure())
        #expect(failure.description.contains("sts: AccessDenied"))
        #expect(!failure.description.contains("topsecret"))
        #expect(!failure.isTransient)
    }

    // MARK: Web identity

    @Test("a web identity token → STS by it, unsigned; the file is read anew each time")
    func webIdentity() async throws {
        home.write("token", "first\n")
        let environment = [
            "AWS_ROLE_ARN": "arn:aws:iam::1:role/web",
            "AWS_WEB_IDENTITY_TOKEN_FILE": home("token"), "AWS_ROLE_SESSION_NAME": "ci",
        ]
        #expect(try await key(environment) == "ASIA-web-ci-none-by-first")
        home.write("token", "second")
        #expect(try await key(environment) == "ASIA-web-ci-none-by-second")
        home.write(
            ".aws/config",
            "[profile w]\nrole_arn = arn:aws:iam::1:role/own\n"
                + "web_identity_token_file = \(home("token"))\n")
        #expect(try await key(environment, profile: "w") == "ASIA-own-holdfast-none-by-second")
        let missing = environment.merging(["AWS_WEB_IDENTITY_TOKEN_FILE": home("none")]) { $1 }
        #expect(try #require(await failure(missing)).description.contains(home("none")))
        let noRole = ["AWS_WEB_IDENTITY_TOKEN_FILE": home("token")]
        #expect(try #require(await failure(noRole)).description.contains("set AWS_ROLE_ARN"))
    }

    // MARK: Processes and SSO

    @Test("a credential process → its credentials, the time with an offset too")
    func process() async throws {
        home.write(
            "give",
            """
            #!/bin/sh
            test "$1" = "a b" || exit 7
            echo '{"Version": 1, "AccessKeyId": "PROC", "SecretAccessKey": "s",
                "SessionToken": "t", "Expiration": "2037-01-01T02:00:00+02:00"}'
            """)
        home.write(
            ".aws/config", "[default]\ncredential_process = sh \(home("give")) \"a b\"\n")
        let credentials = try await load().credentials
        #expect(credentials.accessKeyID == "PROC")
        #expect(credentials.sessionToken == "t")
        #expect(credentials.expiration == Timestamp("2037-01-01T00:00:00Z"))
    }

    @Test(
        "a credential process that gives nothing usable → which, where, and none of its words",
        arguments: [
            ("sh -c 'echo leaked; exit 3'", "it ended with exit code 3"),
            ("echo leaked", "cannot be read"),
            (#"echo '{"Version": 2, "AccessKeyId": "leaked"}'"#, "not of Version 1"),
            (#"echo '{"Version": 1, "AccessKeyId": "leaked"}'"#, "lacks"),
            ("/nowhere/program leaked", "cannot start"),
            ("sh 'leaked", "a quotation mark is not closed"),
        ])
    func badProcess(line: String, expected: String) async throws {
        home.write(".aws/config", "[default]\ncredential_process = \(line)\n")
        let text = try #require(await failure()).description
        #expect(text.hasPrefix("\(home(".aws/config")):2: "))
        #expect(text.contains(expected), "\(text)")
        #expect(!text.contains("leaked"))
    }

    @Test("no one to run a process, or a profile that signs in by a browser → the way around")
    func refusals() async throws {
        home.write(".aws/config", "[default]\ncredential_process = true\n")
        let noRunner = try #require(await failure(runner: nil)).description
        #expect(noRunner.contains("runs no credential_process"))
        home.write(".aws/config", "[profile s]\nsso_account_id = 1\nsso_role_name = r\n")
        let sso = try #require(await failure(profile: "s")).description
        #expect(sso.contains("aws configure export-credentials --profile s --format process"))
    }

    // MARK: Containers and instances

    private func standRole() async throws {
        try await server.stand("meta-data/iam/security-credentials/", "trainer")
        try await server.stand(
            "meta-data/iam/security-credentials/trainer",
            """
            {"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIA-instance",
             "SecretAccessKey":"s","Token":"t","Expiration":"2037-01-01T00:00:00Z"}
            """)
    }

    @Test("a container's endpoint → its credentials by the token, whose file is read anew")
    func container() async throws {
        var environment = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url("container/task"),
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "task",
        ]
        #expect(try await key(environment) == "ASIA-container-task")
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = home("token")
        home.write("token", "wrong")
        let text = try #require(await failure(environment)).description
        #expect(text.contains("status 401") && !text.contains("wrong"))
        home.write("token", "task\n")
        #expect(try await key(environment) == "ASIA-container-task")
    }

    @Test(
        "a container endpoint without TLS that is neither local nor AWS's → not asked",
        arguments: ["http://10.0.0.1/x", "http://127.0.0.1.example.com/x", "http://example.com"])
    func containerHosts(uri: String) async throws {
        let text = try #require(
            await failure(["AWS_CONTAINER_CREDENTIALS_FULL_URI": uri])
        ).description
        #expect(text.contains("is not asked without TLS"))
    }

    @Test("an instance with a role → its credentials; without → no credentials, not transient")
    func instance() async throws {
        let none = try #require(await failure())
        #expect(none.description.contains("instance metadata: the instance has no role"))
        #expect(!none.isTransient)
        try await standRole()
        let found = try await load()
        #expect(found.credentials.accessKeyID == "ASIA-instance")
        #expect(found.mayOutliveExpiration)
        #expect(found.place == "the instance role trainer")
    }

    @Test("metadata that does not answer → no credentials, which may pass")
    func unavailable() async throws {
        try await server.tell("status/503/latest")
        let failure = try #require(await failure())
        #expect(failure.isTransient)
        #expect(failure.description.contains("status 503"))
    }

    @Test("a role that cannot be assumed by the instance → the service's code")
    func brokenRole() async throws {
        try await server.stand("meta-data/iam/security-credentials/", "r")
        try await server.stand(
            "meta-data/iam/security-credentials/r",
            #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"x"}"#)
        let text = try #require(await failure()).description
        #expect(text.contains("AssumeRoleUnauthorizedAccess"))
    }

    @Test("nothing anywhere → every place with its reason, and what to do")
    func nothing() async throws {
        let text = try #require(
            await failure(["AWS_EC2_METADATA_DISABLED": "true"])
        ).description
        for name in [
            "environment:", "assume role:", "web identity:", "SSO:", "shared credentials file:",
            "credential_process:", "config file:", "container:", "instance metadata:",
            "Set AWS_PROFILE",
        ] {
            #expect(text.contains(name), "\(name)")
        }
    }
}
