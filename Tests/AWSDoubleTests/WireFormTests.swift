import TestSupport
import Testing

/// The double as boto3 sees it: requests signed and answers parsed by code that is not ours.
struct WireFormTests {
    /// Runs one of the scripts of `Checks` against a double of its own.
    private func check(_ name: String, _ arguments: [String] = []) throws {
        let double = try AWSDoubleProcess(arguments)
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let result = try ToolProcess.run(
            [TestPython.interpreter, "/\(folder)/Checks/\(name).py"],
            environment: double.environment())
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(
        "every call that Holdfast makes, by boto3 → botocore's models parse what they should",
        arguments: ["compute", "objects", "identity", "rights", "services"])
    func calls(name: String) throws {
        try check(name)
    }

    @Test("a machine's metadata service → IMDSv2's rules, and the machine's own facts")
    func metadata() throws {
        try check("metadata", ["--boot"])
    }

    @Test("user data that installs a unit → it runs, is stopped, started, noticed and killed")
    func machines() throws {
        try check("machines", ["--boot"])
    }

    @Test("the AWS CLI → takes the double for AWS", .enabled(if: CommandLineInterface.isThere))
    func commandLine() throws {
        let double = try AWSDoubleProcess()
        let calls: [[String]] = [
            ["sts", "get-caller-identity"], ["s3api", "create-bucket", "--bucket", "cli"],
            ["s3api", "put-object", "--bucket", "cli", "--key", "a/b", "--body", "/etc/hostname"],
            ["s3", "ls", "--recursive", "s3://cli"],
            ["ec2", "describe-instance-types", "--instance-types", "g5.xlarge"],
            ["ec2", "describe-instances"],
        ]
        for call in calls {
            let result = try CommandLineInterface.run(call, double.environment())
            #expect(result.status == 0, "\(call): \(result.output)")
        }
    }
}

/// The AWS CLI of the tests' Python.
enum CommandLineInterface {
    static let isThere: Bool = {
        let probe = try? ToolProcess.run(
            [TestPython.interpreter, "-c", "import awscli"], environment: environment)
        return probe?.status == 0
    }()

    static func run(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> ToolProcess.Result {
        let program = "import sys, awscli.clidriver; sys.exit(awscli.clidriver.main())"
        return try ToolProcess.run(
            [TestPython.interpreter, "-c", program] + arguments, environment: environment)
    }

    private static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
}
