import Training

@testable import AWS
@testable import Transport

extension FuzzTarget {
    /// S3's answers: listings, errors, and the headers of an object.
    static let s3 = FuzzTarget("s3", longest: 4096) { bytes in
        try requireErrorRead(bytes, of: .s3)
        let answer = AWSResponse(status: 200, headers: [], body: bytes, date: nil)
        do {
            let page = try ObjectListing.read(answer, after: "earlier")
            for object in page.objects {
                try require(object.size >= 0, "an object of less than nothing")
                try requireMoment(object.lastModified)
                // What the listing names may be no key that we would write: then it is refused.
                if let key = try? ObjectKey(object.key) {
                    try require(key.text == object.key, "a key changes")
                }
            }
            try require(page.next?.isEmpty != true && page.next != "earlier", "an endless list")
        } catch AWSFailure.malformed(let detail) {
            try require(!detail.isEmpty, "a listing is refused without a reason")
        }
        try requireHead(bytes)
    }

    /// The bytes as the head of an answer about an object.
    private static func requireHead(_ bytes: [UInt8]) throws {
        let headers = headerLines(bytes).headers.map { (name: $0.name, value: $0.value) }
        let answer = AWSResponse(status: 200, headers: headers, body: [], date: nil)
        do {
            let head = try ObjectHead(answer)
            try require(head.size >= 0, "an object of less than nothing")
            try requireMoment(head.lastModified)
        } catch AWSFailure.malformed(let detail) {
            try require(!detail.isEmpty, "a head is refused without a reason")
        }
    }
}

/// The bytes as libcurl gives the lines of a head: each with its line feed.
func headerLines(_ bytes: [UInt8]) -> HeadParser {
    var parser = HeadParser()
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
        let whole = Array(line) + [10]
        if case .tooLarge = whole.withUnsafeBytes({ parser.add($0) }) { break }
    }
    return parser
}
