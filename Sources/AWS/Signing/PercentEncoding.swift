/// RFC 3986 percent-encoding as Signature Version 4 wants it: only unreserved characters stay,
/// everything else is `%` and two upper-case digits; a space is never `+`.
package enum PercentEncoding {
    /// One name or value of a query.
    package static func component(_ text: String) -> String {
        encode(text, keepingSlash: false)
    }

    /// A path, whose slashes stay.
    package static func path(_ text: String) -> String {
        encode(text, keepingSlash: true)
    }

    private static func encode(_ text: String, keepingSlash: Bool) -> String {
        let slash = UInt8(ascii: "/")
        let stays = { (byte: UInt8) in isUnreserved(byte) || keepingSlash && byte == slash }
        if text.utf8.allSatisfy(stays) { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 2)
        for byte in text.utf8 {
            if stays(byte) {
                output.append(byte)
            } else {
                output += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
