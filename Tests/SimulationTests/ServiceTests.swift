import Simulation
import Testing
import Training

struct ServiceTests {
    private let region = "us-east-1"

    @Test("a secure parameter → its value only to who decrypts; the image's → the image")
    func parameters() throws {
        var cloud = SimulatedCloud(regions: [region], at: Region.start, seed: 1)
        cloud.ssm.put("/research/key", .secure, "secret", in: region)
        let ssm = cloud.ssm
        #expect(
            try ssm.getParameter("/research/key", decrypting: true, in: region).value == "secret")
        #expect(
            try ssm.getParameter("/research/key", decrypting: false, in: region).value != "secret")
        let image = try ssm.getParameter(
            SimulatedSSM.imageParameters[0], decrypting: false, in: region)
        #expect(image.value == cloud.regions[region]?.place.images[0].id)
        #expect(throws: CloudFailure.self) {
            try ssm.getParameter("/none", decrypting: false, in: region)
        }
    }

    @Test("a received message → hidden until its time is over, gone once deleted")
    func queue() throws {
        var sqs = SimulatedSQS()
        let now = Region.start
        sqs.createQueue("q", in: region)
        _ = try sqs.sendMessage("a", to: "q", in: region, at: now)
        let first = try sqs.receiveMessages(from: "q", in: region, at: now)
        #expect(first.map(\.body) == ["a"])
        #expect(try sqs.receiveMessages(from: "q", in: region, at: now + 29).isEmpty)
        let second = try sqs.receiveMessages(from: "q", in: region, at: now + 30)
        #expect(second.map(\.receives) == [2])
        try sqs.deleteMessage(first[0].receipt, from: "q", in: region)
        #expect(try sqs.receiveMessages(from: "q", in: region, at: now + 60).count == 1)
        try sqs.deleteMessage("\(second[0].id):3", from: "q", in: region)
        #expect(try sqs.receiveMessages(from: "q", in: region, at: now + 90).isEmpty)
    }

    @Test("a notice in a region with an event queue → EC2's warning in the queue")
    func events() throws {
        var cloud = SimulatedCloud(regions: [region], at: Region.start, seed: 1, rules: .prompt)
        cloud.sqs.createQueue("events", in: region)
        cloud.eventQueues[region] = "events"
        var request = SimulatedEC2.RunInstances()
        request.imageID = cloud[ec2: region].place.images[0].id
        request.instanceType = "g5.xlarge"
        request.spot = .init()
        let id = try cloud[ec2: region].runInstances(request)[0].id
        _ = cloud.advance(to: cloud.now + 1)
        cloud[ec2: region].interrupt(id)
        _ = cloud.advance(to: cloud.now)
        let bodies = try cloud.sqs.receiveMessages(
            from: "events", in: region, most: 10, at: cloud.now
        ).map(\.body)
        #expect(bodies.contains { $0.contains("Spot Instance Interruption Warning") })
        #expect(bodies.allSatisfy { $0.contains(id.text) })
    }
}
