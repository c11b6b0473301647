import Testing

@testable import Transport

struct HeadParserTests {
    private func head(_ lines: String...) -> HeadParser {
        var parser = HeadParser()
        for line in lines {
            _ = Array(line.utf8).withUnsafeBytes { parser.add($0) }
        }
        return parser
    }

    @Test("lines that end with or without a carriage return → names and values without blanks")
    func lines() {
        let parser = head("HTTP/1.1 200 OK\r\n", "A:  b \r\n", "C: d\n", "\r\n")
        #expect(parser.status == 200)
        #expect(parser.headers == [HTTPHeader("A", "b"), HTTPHeader("C", "d")])
    }

    @Test("a break within a value → a space, never a line of its own when it is sent on")
    func breaks() {
        let parser = head("HTTP/1.1 200 OK\r\n", "ETag: \"a\rX-B: c\u{0}\"\r\n")
        #expect(parser.headers == [HTTPHeader("ETag", "\"a X-B: c \"")])
    }
}
