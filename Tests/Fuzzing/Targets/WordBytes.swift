import Training

@testable import AWS
@testable import GitSource
@testable import Transport

extension FuzzTarget {
    /// Short texts with a meaning: names, times, amounts, addresses, and the headers of answers.
    static let words = FuzzTarget("words", longest: 512) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        try requireRead(text, as: RunName.self)
        try requireRead(text, as: CheckpointID.self)
        try requireRead(text, as: CheckpointReference.self)
        try requireRead(text, as: Dollars.self)
        try requireRead(text, as: Timestamp.self)
        if let digest = Digest(hex: text) { try requireStorable(digest, "digest") }
        if let moment = HTTPDate.parse(text) { try requireMoment(moment) }
        if let decoded = Base64.decode(text) {
            try require(Base64.decode(Base64.encode(decoded)) == decoded, "base64 that changes")
        }
        try require(Base64.decode(Base64.encode(bytes)) == bytes, "base64 that changes")
        try requireAddress(text)
        try requireHeaders(bytes)
        if let key = try? ObjectKey(text) {
            try require(key.text.utf8.elementsEqual(text.utf8), "a key that changes")
        }
    }

    /// What a text means is written so that it is read as the same, by people and in JSON.
    private static func requireRead<Value: TextCoded & Equatable>(
        _ text: String, as type: Value.Type
    ) throws {
        guard let value = Value(text) else { return }
        try require(Value(value.description) == value, "\(type): a value is read as another one")
        try requireStorable(value, "\(type)")
    }

    /// No address shows its credentials; what is left of it means the same server.
    private static func requireAddress(_ text: String) throws {
        if let (url, _) = try? HTTPURL.separating(text) {
            try require((try? HTTPURL(url.text)) == url, "\(url) is read as another address")
            let moved = try url.with(path: "/latest/")
            try require(moved.host == url.host && moved.port == url.port, "another server")
            try require((try? HTTPURL(moved.text))?.host == url.host, "another server is asked")
        }
        let asked = try HTTPURL("https://example.com/a")
        if let target = try? asked.resolving(text), asked.admitsRedirect(to: target) {
            try require(
                target.host == "example.com" && target.port == 443 && target.scheme == "https",
                "a redirect to another server")
        }
        if let locator = try? SourceLocator(text, workingDirectory: "/work"),
            case .http(let url) = locator.place
        {
            let authority = url.text.dropFirst(url.scheme.count + 3).prefix { $0 != "/" }
            try require(!authority.utf8.contains(UInt8(ascii: "@")), "an address with its owner")
        }
        let origin = OriginURL.normalised(text, base: "/work")
        if origin.hasPrefix("https://") {
            let authority = origin.dropFirst(8).prefix { $0 != "/" }
            try require(!authority.utf8.contains(UInt8(ascii: "@")), "an origin with its owner")
        }
    }

    /// Any head is read, and waits that it asks for can be added up.
    private static func requireHeaders(_ bytes: [UInt8]) throws {
        let parser = headerLines(bytes)
        let head = HTTPHead(
            status: parser.status, headers: parser.headers, url: try HTTPURL("http://127.0.0.1/"))
        for header in head.headers {
            try require(
                !header.value.utf8.contains(10) && !header.value.utf8.contains(13),
                "a header of two lines")
        }
        if let wait = AWSClient.wait(asked: head, at: Timestamp(milliseconds: 0)) {
            _ = min(.seconds(20), wait)
        }
    }
}
