import Training

@testable import AWS
@testable import Transport

extension FuzzTarget {
    /// EC2's answers and errors: XML, and what every call reads out of it.
    static let ec2 = FuzzTarget("ec2", longest: 4096) { bytes in
        try requireErrorRead(bytes, of: .ec2)
        guard let root = try requireTree(bytes) else { return }
        for read in readers { try read(root) }
    }

    private static let readers: [@Sendable (XMLElement) throws -> Void] = [
        reader(EC2.DescribeInstances.self) { for machine in $0 { try requireMachine(machine) } },
        reader(EC2.RunInstances.self) { try requireMachine($0) },
        reader(EC2.DescribeSpotPriceHistory.self) { prices in
            for price in prices { try require(price.price.micros >= 0, "a price below zero") }
        },
        reader(EC2.DescribeSpotInstanceRequests.self) { _ in },
        reader(EC2.DescribeInstanceTypes.self) { _ in },
        reader(EC2.DescribeInstanceTypeOfferings.self) { _ in },
        reader(EC2.DescribeImages.self) { _ in },
        reader(EC2.DescribeSubnets.self) { _ in },
        reader(EC2.GetConsoleOutput.self) { _ in },
    ]

    private static func reader<Call: EC2Call>(
        _ call: Call.Type, _ check: @escaping @Sendable (Call.Answer) throws -> Void
    ) -> @Sendable (XMLElement) throws -> Void {
        { root in
            do {
                try check(try Call.read(root))
            } catch AWSFailure.malformed(let detail) {
                try require(!detail.isEmpty, "\(Call.action) refuses an answer without a reason")
            }
        }
    }

    private static func requireMachine(_ machine: EC2.MachineDescription) throws {
        let instance = machine.instance(in: "us-east-1")
        try require(!instance.id.text.isEmpty, "a machine without an id")
        try requireMoment(instance.launchedAt)
        if let since = instance.stateSince { try requireMoment(since) }
    }
}

/// What is written is read as the same moment.
func requireMoment(_ moment: Timestamp) throws {
    try require(Timestamp(moment.description) == moment, "a moment that is not read as written")
}

/// A service's error with these bytes as its body is understood whatever they are.
func requireErrorRead(_ bytes: [UInt8], of service: AWSService) throws {
    let request = AWSRequest(service, region: "us-east-1", .post)
    let url = try HTTPURL("https://example.com/")
    for status in [301, 400, 503] {
        let head = HTTPHead(status: status, headers: [], url: url)
        let error = ErrorBody.parse(request, head, bytes)
        try require(!error.code.isEmpty, "an error without a code")
        try require(error.message.count <= 1_000, "an error with a long message")
        let failure = AWSFailure.refused(error)
        try require(!failure.description.isEmpty, "an error without words")
        if service == .ec2 { _ = LaunchFailure(failure) }
        if service == .s3 { _ = ErrorBody.late(request, head, bytes) }
    }
}

/// The document's root, whose tree is the same when it is written and read again; nil where the
/// bytes are no XML, for which there is a place.
func requireTree(_ bytes: [UInt8]) throws -> XMLElement? {
    let root: XMLElement
    do {
        root = try XMLDocument(bytes).root
    } catch let fault {
        try require(
            (1...bytes.lineCount).contains(fault.line)
                && (1...(bytes.count + 1)).contains(fault.column),
            "a fault stands outside of the document")
        return nil
    }
    let text = written(root)
    guard let again = try? XMLDocument(Array(text.utf8)).root else {
        throw BrokenProperty("a tree that is written cannot be read")
    }
    try require(written(again) == text, "a tree that is written is read as another one")
    return root
}

private func written(_ element: XMLElement) -> String {
    var text = ""
    for scalar in element.text.unicodeScalars {
        switch scalar {
        case "&": text += "&amp;"
        case "<": text += "&lt;"
        case "\r": text += "&#13;"
        case _ where scalar.value < 32: text += "&#\(scalar.value);"
        default: text.unicodeScalars.append(scalar)
        }
    }
    let children = element.children.map { written($0) }.joined()
    return "<\(element.name)>\(text)\(children)</\(element.name)>"
}
