import Glibc
import Processes
import TestSupport
import Testing
import Training

/// What reaches a machine of EC2 besides its source: secrets and mounts, under the rights that
/// `init aws` gives it for them.
@Suite("Secrets and mounts on EC2", .timeLimit(.minutes(30)))
struct DeliveryTests {
    private static let canary = "canary-parameter-5c3e"

    /// Says what it was given, and tries what it must not reach.
    private static let probe = """
        echo "secret $API_TOKEN"
        printf %s "$API_TOKEN" | sha256sum | sed 's/^/digest /'
        echo "user $(id -un)"
        echo "letters $(cat "$1/a.txt" "$1/sub/b.txt" | tr '\\n' ' ')"
        stat -c 'owner %U' "$1" "$1/a.txt" "$1/sub/b.txt"
        until [ -s "$1/../door" ]; do sleep 0.1; done
        curl -s -m 5 -o /dev/null "$(cat "$1/../door")/latest/meta-data/" &&
            echo 'metadata reached' || echo 'metadata out of reach'

        """

    @Test("secrets and file_mounts → in the trainer's hands, masked in logs, the data its own")
    func delivered() async throws {
        // Its parents must be root's alone, which no folder for temporary files is.
        let place = "/srv/holdfast-\(FileSystem.randomName())"
        defer { _ = try? FileSystem.removeTree(place) }
        try await Workshop.open(on: .cloud) { shop in
            let ground = try #require(shop.ground as? CloudGround)
            try await prepare(shop, ground.double)
            try await shop.commit([
                "trainer/probe.sh": Self.probe,
                "manifests/probe.yaml": """
                name: probe
                profile: double
                workdir: trainer
                run: bash probe.sh \(place)/letters
                file_mounts: {\(place)/letters: s3://acme-data/letters}
                secrets: {API_TOKEN: ssm:/research/token}
                completion: {exit_code: 0}

                """,
            ])
            try await shop.reconcile("--once", "--wait", "60s")
            // Told once the barrier stands; the machine itself reaches its metadata.
            try await shop.until("the mount") { (try? FileSystem.status(place)) != nil }
            let door = try #require(try ground.double.machines().first?.metadata)
            try FileSystem.write(Array(door.utf8), to: "\(place)/door", permissions: 0o644)
            try await shop.untilReleased("probe", attempt: 1)

            let log = try shop.log("probe", attempt: 1)
            let digest = Digest(of: Self.canary)
            for line in [
                "secret ***", "digest \(digest.hex)  -", "user nobody", "letters alpha beta ",
                "metadata out of reach",
            ] {
                #expect(log.contains(line + "\n"), "\(line): \(log)")
            }
            #expect(log.split(separator: "\n").count { $0 == "owner nobody" } == 3, "\(log)")
            try expectReported(shop)
            try expectNoCanary(shop, ground)
        }
    }

    /// A parameter, a bucket with data, and the role of the machines as `init aws` writes it.
    private func prepare(_ shop: Workshop, _ double: AWSDoubleProcess) async throws {
        try double.control(
            "POST", "parameters",
            """
            {"name": "/research/token", "value": "\(Self.canary)", "region": "us-east-1",
            "secure": true}
            """)
        try double.makeBucket("acme-data", region: "us-west-2")
        let script = """
            import boto3
            s3 = boto3.client('s3', region_name='us-west-2')
            for key, text in [('letters/a.txt', 'alpha'), ('letters/sub/b.txt', 'beta'),
                              ('private/c.txt', 'gamma')]:
                s3.put_object(Bucket='acme-data', Key=key, Body=text.encode() + b'\\n')
            """
        let stored = try ToolProcess.run(
            [TestPython.interpreter, "-c", script],
            environment: TestPython.environment.merging(double.environment()) { _, new in new })
        try #require(stored.status == 0, "\(stored.output)")
        let setup = try await shop.run(
            [
                Workshop.programs + "/reconcile", "init", "aws", "--bucket",
                "s3://\(CloudGround.bucket)/\(CloudGround.prefix)", "--region", "us-east-1",
                "--scope", "test", "--secrets", "/research", "--data-bucket",
                "s3://acme-data/letters",
            ], directory: shop.repository)
        try #require(setup.code == 0, "\(setup.all)")
        let policy = try #require(shop.folder.text("repository/aws/instance.json"))
        try double.control(
            "POST", "roles", #"{"name": "holdfast-instance", "policy": \#(policy)}"#)
        let profile = try #require(shop.folder.text("repository/manifests/profile.yaml"))
        try await shop.commit([
            "manifests/profile.yaml": profile + "instance_profile: holdfast-instance\n"
        ])
    }

    /// The digest of the mount's bytes, as a person takes it: `sha256sum` of all, and of that.
    private func expectReported(_ shop: Workshop) throws {
        let lines = [("a.txt", "alpha\n"), ("sub/b.txt", "beta\n")].map { name, text in
            "\(Digest(of: text).hex)  \(name)\n"
        }
        let agent = try shop.log("probe", attempt: 1, stream: "agent")
        #expect(agent.contains(Digest(of: lines.joined()).hex), "\(agent)")
    }

    private func expectNoCanary(_ shop: Workshop, _ ground: CloudGround) throws {
        for key in try ground.keys(below: "") where !key.hasPrefix("agents/") {
            let text = String(decoding: try ground.object(key) ?? [], as: UTF8.self)
            #expect(!text.contains(Self.canary), "\(key)")
        }
        for machine in try shop.machines() {
            #expect(!ground.console(of: machine).contains(Self.canary))
            #expect(!"\(machine.tags)".contains(Self.canary))
        }
    }
}
