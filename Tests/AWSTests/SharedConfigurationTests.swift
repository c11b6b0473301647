import TestSupport
import Testing
import Training
import Transport

@testable import AWS

/// The AWS CLI's own library resolves the same environments as we do.
struct SharedConfigurationTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var name: String
        var environment: [String: String] = [:]
        var profile: String?
        var config = ""
        var credentials = ""
        var testDescription: String { name }
    }

    private struct Question: Encodable {
        var environment: [String: String]
        var profile: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(environment, forKey: .environment)
            try container.encode(profile, forKey: .profile)
        }

        private enum CodingKeys: CodingKey {
            case environment
            case profile
        }
    }

    struct Answer: Hashable, Decodable {
        var key: String?
        var region: String?
        /// A file of certificates.
        var bundle: String?
        var endpoints: [String: String] = [:]
        var error: String?

        init(error: String? = nil) { self.error = error }

        init(from decoder: any Decoder) throws {
            let all = try decoder.singleValueContainer().decode([String: String?].self)
            (key, region, bundle) = (all["key"] ?? nil, all["region"] ?? nil, all["bundle"] ?? nil)
            error = all["error"] ?? nil
            for service in SharedConfigurationTests.services {
                let name = service.settingName
                // Of the first region botocore still takes S3's oldest host name. A URL without a
                // path is the same with "/".
                endpoints[name] = (all[name] ?? nil).map { url in
                    url == "https://s3.amazonaws.com"
                        ? "https://s3.us-east-1.amazonaws.com/"
                        : url.hasSuffix("/") ? url : url + "/"
                }
            }
        }
    }

    /// IAM is left out: how it is named with FIPS and IPv6 differs from what AWS's pages say.
    private static let services: [AWSService] = [.ec2, .sts, .s3, .ssm, .sqs, .serviceQuotas]

    private static func keys(_ id: String) -> String {
        "aws_access_key_id = \(id)\naws_secret_access_key = s\n"
    }

    private static let variables = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s"]

    static let examples: [Example] = [
        Example(name: "keys in the environment", environment: variables),
        Example(
            name: "environment before the default profile", environment: variables,
            config: "[default]\n\(keys("CFG"))", credentials: "[default]\n\(keys("CRED"))"),
        Example(
            name: "credentials file before the config file",
            config: "[default]\nregion = eu-west-1\n\(keys("CFG"))",
            credentials: "[default]\n\(keys("CRED"))"),
        Example(name: "config file alone", config: "[default]\n\(keys("CFG"))"),
        Example(
            name: "AWS_PROFILE leaves the environment's keys first",
            environment: variables.merging(["AWS_PROFILE": "p"]) { $1 },
            config: "[profile p]\nregion = us-west-2\n", credentials: "[p]\n\(keys("P"))"),
        Example(
            name: "a profile named by the caller goes before the environment",
            environment: variables, profile: "p", credentials: "[p]\n\(keys("P"))"),
        Example(
            name: "AWS_DEFAULT_PROFILE", environment: ["AWS_DEFAULT_PROFILE": "q"],
            config: "[profile q]\nregion = ap-south-1\n\(keys("Q"))"),
        Example(
            name: "a quoted profile with a blank", profile: "a b",
            config: "[profile \"a b\"]\n\(keys("AB"))region = sa-east-1\n"),
        Example(
            name: "[profile default] and [default]",
            config: "[profile default]\nregion = us-west-1\n[default]\nregion = us-west-2\n"),
        Example(
            name: "AWS_DEFAULT_REGION before the profile's",
            environment: ["AWS_DEFAULT_REGION": "eu-north-1"],
            config: "[default]\nregion = us-west-2\n\(keys("CFG"))"),
        Example(
            name: "the credentials file's region before the config file's",
            config: "[default]\nregion = us-west-2\n",
            credentials: "[default]\nregion = us-east-2\n\(keys("CRED"))"),
        Example(name: "a profile that is nowhere", environment: ["AWS_PROFILE": "none"]),
        Example(
            name: "AWS_ENDPOINT_URL for every service",
            environment: ["AWS_ENDPOINT_URL": "http://localhost:5000"]),
        Example(
            name: "a service's endpoint before the general one",
            environment: [
                "AWS_ENDPOINT_URL": "http://localhost:5000",
                "AWS_ENDPOINT_URL_EC2": "http://localhost:5001",
            ]),
        Example(
            name: "services section before the profile's endpoint",
            config: """
                [default]
                services = local
                endpoint_url = http://localhost:1
                [services local]
                ec2 =
                  endpoint_url = http://localhost:2
                """),
        Example(
            name: "environment's endpoint before the services section",
            environment: ["AWS_ENDPOINT_URL": "http://localhost:3"],
            config: "[default]\nservices = l\n[services l]\nec2 =\n  endpoint_url = http://l:2\n"),
        Example(
            name: "endpoints ignored by the environment",
            environment: [
                "AWS_ENDPOINT_URL": "http://localhost:5000",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            ]),
        Example(
            name: "endpoints ignored by the profile",
            config: "[default]\nendpoint_url = http://l:1\n"
                + "ignore_configured_endpoint_urls = true\nregion = cn-north-1\n"),
        Example(
            name: "a services section that is missing",
            config: "[default]\nservices = none\nregion = eu-west-1\n"),
        Example(
            name: "China", environment: ["AWS_DEFAULT_REGION": "cn-north-1"], config: ""),
        Example(
            name: "GovCloud", environment: ["AWS_DEFAULT_REGION": "us-gov-west-1"], config: ""),
        Example(
            name: "a key without its secret",
            environment: ["AWS_ACCESS_KEY_ID": "ENV"], config: "[default]\n\(keys("CFG"))"),
        Example(
            name: "half a pair in the credentials file",
            config: "[default]\n\(keys("CFG"))",
            credentials: "[default]\naws_access_key_id = HALF\n"),
        Example(name: "a section twice", config: "[default]\n[default]\n"),
        Example(name: "no section", config: "region = us-east-1\n"),
        Example(name: "nothing at all"),
        Example(
            name: "empty variables count as unset",
            environment: ["AWS_ACCESS_KEY_ID": "", "AWS_ENDPOINT_URL": ""],
            credentials: "[default]\n\(keys("CRED"))"),
        Example(
            name: "a profile of the credentials file only", profile: "c",
            config: "[c]\nregion = us-west-2\n", credentials: "[c]\n\(keys("C"))"),
        Example(
            name: "FIPS in the environment",
            environment: ["AWS_USE_FIPS_ENDPOINT": "TRUE", "AWS_DEFAULT_REGION": "eu-west-1"]),
        Example(
            name: "FIPS in GovCloud",
            environment: ["AWS_USE_FIPS_ENDPOINT": "true"],
            config: "[default]\nregion = us-gov-west-1\n"),
        Example(
            name: "IPv6 by the profile",
            config: "[default]\nregion = ap-south-1\nuse_dualstack_endpoint = true\n"),
        Example(
            name: "FIPS and IPv6",
            environment: ["AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"],
            config: "[default]\nregion = us-gov-east-1\n"),
        Example(
            name: "IPv6 in China",
            environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            config: "[default]\nregion = cn-north-1\n"),
        Example(
            name: "IPv6 in Europe's own cloud",
            environment: ["AWS_USE_DUALSTACK_ENDPOINT": "true"],
            config: "[default]\nregion = eusc-de-east-1\n"),
        Example(
            name: "the environment turns the profile's FIPS off",
            environment: ["AWS_USE_FIPS_ENDPOINT": "false"],
            config: "[default]\nregion = eu-west-1\nuse_fips_endpoint = true\n"),
        Example(
            name: "a server of one's own before FIPS",
            environment: [
                "AWS_USE_FIPS_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://localhost:5000",
            ]),
        Example(
            name: "certificates of the environment before the profile's",
            environment: ["AWS_CA_BUNDLE": "/one.pem"],
            config: "[default]\nca_bundle = /two.pem\n"),
        Example(
            name: "certificates of the profile", config: "[default]\nca_bundle = /two.pem\n"),
        Example(
            name: "credential_process", profile: "proc",
            config: "[profile proc]\ncredential_process = printf '%s' "
                + "'{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"s\"}'\n"),
    ]

    /// How we resolve it, in the form of botocore's answer; an error is only that there is one.
    private func ours(
        _ environment: [String: String], _ profile: String?, _ http: HTTPClient
    ) async -> Answer {
        var answer = Answer()
        do {
            let configuration = try SharedConfiguration(
                environment: environment, profile: profile)
            let endpoints = try Endpoints(configuration)
            answer.region = configuration.region
            if configuration.trust != .environment { answer.bundle = configuration.trust.file }
            let region = answer.region ?? "us-east-1"
            for service in Self.services {
                let url = try endpoints.url(for: service, region: region).text
                answer.endpoints[service.settingName] = url.hasSuffix("/") ? url : url + "/"
            }
        } catch {
            return Answer(error: "\(error)")
        }
        let chain = CredentialChain(
            environment: environment, profile: profile, http: http, clock: TestClock(),
            runner: ToolRunner())
        do throws(CredentialFailure) {
            answer.key = try await chain.load().credentials.accessKeyID
        } catch {
            if !error.description.hasPrefix("no AWS credentials were found") {
                return Answer(error: "\(error)")
            }
        }
        return answer
    }

    @Test("environments, profiles and files → key, region and endpoints as botocore finds them")
    func asBotocore() async throws {
        let http = try HTTPClient(trust: TrustAnchors(file: nil, directory: nil))
        let directory = try TemporaryDirectory()
        var questions = ""
        var own: [Answer] = []
        for (number, example) in Self.examples.enumerated() {
            let home = "\(number)"
            directory.write("\(home)/.aws/config", example.config)
            directory.write("\(home)/.aws/credentials", example.credentials)
            var environment = example.environment
            environment["HOME"] = directory(home)
            environment["PATH"] = "/usr/bin:/bin"
            environment["AWS_EC2_METADATA_DISABLED"] = "true"
            let question = Question(environment: environment, profile: example.profile)
            questions += String(decoding: CanonicalJSON.encode(question), as: UTF8.self) + "\n"
            own.append(await ours(environment, example.profile, http))
        }
        let result = try await offPool { [questions] in
            try ToolProcess.run(
                [TestPython.interpreter, TestPython.script("botocore_session.py")],
                environment: TestPython.environment, input: questions)
        }
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == Self.examples.count, "\(result.output)")
        for (index, example) in Self.examples.enumerated() {
            let theirs = try CanonicalJSON.decode(Answer.self, from: Array(lines[index].utf8))
            let mine = own[index]
            #expect(
                (theirs.error == nil) == (mine.error == nil),
                "\(example.name): \(theirs) and \(mine)")
            guard theirs.error == nil, mine.error == nil else { continue }
            #expect(theirs == mine, "\(example.name)")
        }
    }

    @Test("AWS_REGION and AWS_DEFAULT_REGION → the first, as the AWS CLI reads them")
    func region() throws {
        let both = ["AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"]
        #expect(try SharedConfiguration(environment: both).region == "us-west-2")
    }

    @Test(
        "what is no region of AWS → no host name is made of it",
        arguments: [
            "", "us-east", "us-east-1.example.com", "us-east-1/", "US-EAST-1", "us_east-1", "a--1",
        ])
    func noRegion(region: String) {
        #expect(AWSPartition(region: region) == nil)
        #expect(throws: TransportFailure.self) { try Endpoints().url(for: .ec2, region: region) }
    }

    @Test("an endpoint that is no URL → an error with its place")
    func badEndpoint() throws {
        let directory = try TemporaryDirectory()
        directory.write("config", "[default]\nendpoint_url = ftp://x\n")
        let configuration = try SharedConfiguration(
            environment: ["AWS_CONFIG_FILE": directory("config")])
        #expect {
            try Endpoints(configuration)
        } throws: { error in
            "\(error)".hasPrefix("\(directory("config")):2: ")
        }
    }

    @Test(
        "a configuration or a chain in a message, a dump or a test report → no secret in the text")
    func masked() throws {
        let directory = try TemporaryDirectory()
        directory.write("c", "[default]\naws_secret_access_key = filed-secret\n")
        let environment = [
            "AWS_SECRET_ACCESS_KEY": "held-secret",
            "AWS_SHARED_CREDENTIALS_FILE": directory("c"),
        ]
        let configuration = try SharedConfiguration(environment: environment)
        let chain = CredentialChain(
            environment: environment, http: try HTTPClient(), clock: TestClock())
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(chain, to: &dumped)
        dump(configuration.credentialsFile, to: &dumped)
        for text in [
            "\(configuration)", String(reflecting: configuration), "\(chain)",
            String(reflecting: configuration.profile), dumped,
        ] {
            #expect(!text.contains("held-secret") && !text.contains("filed-secret"))
        }
    }
}
