import AWS
import Testing
import Training

struct XMLDocumentTests {
    private func parse(_ text: String, _ limits: XMLLimits = XMLLimits()) throws -> XMLElement {
        try XMLDocument(Array(text.utf8), limits: limits).root
    }

    private func fault(_ bytes: [UInt8], _ limits: XMLLimits = XMLLimits()) -> XMLFault? {
        do throws(XMLFault) {
            _ = try XMLDocument(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("an answer of EC2 → its fields by name and by list")
    func instances() throws {
        let root = try parse(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>r-1</requestId>
              <reservationSet>
                <item><instancesSet>
                  <item><instanceId>i-1</instanceId><tagSet>
                    <item><key>a</key><value/></item>
                    <item><key>b</key><value>x &amp; y</value></item>
                  </tagSet></item>
                  <item><instanceId>i-2</instanceId><tagSet/></item>
                </instancesSet></item>
                <item><instancesSet><item><instanceId>i-3</instanceId></item></instancesSet></item>
              </reservationSet>
              <nextToken/>
            </DescribeInstancesResponse>
            """)
        #expect(root.name == "DescribeInstancesResponse")
        #expect(root.text("requestId") == "r-1")
        #expect(root.text("nextToken") == "")
        #expect(root.text("absent") == nil)
        let instances = root.items("reservationSet").flatMap { $0.items("instancesSet") }
        #expect(instances.map { $0.text("instanceId") } == ["i-1", "i-2", "i-3"])
        let tags = instances[0].items("tagSet").map { [$0.text("key"), $0.text("value")] }
        #expect(tags == [["a", ""], ["b", "x & y"]])
        #expect(instances[2].items("tagSet").isEmpty)
        #expect(instances[0].children.map(\.name) == ["instanceId", "tagSet"])
        #expect(instances[0]["tagSet"]?.text == "")
    }

    @Test(
        "text with references, CDATA, comments, instructions → decoded",
        arguments: [
            ("&lt;&gt;&amp;&quot;&apos;", "<>&\"'"), ("&#65;&#x42;&#x1F642;", "AB🙂"),
            ("a<![CDATA[<b>&amp;]]]>c", "a<b>&amp;]c"), ("a<!-- < & -->b", "ab"),
            ("a<?x < & ?>b", "ab"), ("a\r\nb\rc\n", "a\nb\nc\n"), ("  a  ", "  a  "),
            ("ü日🙂", "ü日🙂"), ("]]", "]]"), ("a<![CDATA[]]>b", "ab"), ("", ""),
        ])
    func text(_ source: String, _ expected: String) throws {
        #expect(try parse("<r>\(source)</r>").text == expected)
        #expect(try parse("<r><a>\(source)</a><b>1</b></r>").text("a") == expected)
    }

    @Test("attributes, blanks, a mark and comments around → read past")
    func surroundings() throws {
        let root = try parse(
            "\u{FEFF}<?xml version='1.0'?>\n<!-- c --><a:r x = '1&lt;' y=\">\" ><b x=''/></a:r >"
                + "\n<!---->"
        )
        #expect(root.name == "a:r")
        #expect(root["b"]?.text == "")
    }

    @Test(
        "what is no plain XML → a fault with its place",
        arguments: [
            "", " ", "text", "<a>", "<a></b>", "<a></a", "<a><b></a></b>", "<a/><b/>", "<a/>x",
            "<1/>",
            "<a b/>", "<a b=c/>", "<a b='1'c='2'/>", "<a b='<'/>", "<a b='&x;'/>", "<a>&nbsp;</a>",
            "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#-1;</a>", "<a>&;</a>",
            "<a>&amp</a>", "<a>\u{1}</a>",
            "<a><![CDATA[\u{0}]]></a>", "<a><!--\u{1}--></a>", "<a><!-- </a>", "<a><![CDATA[ </a>",
            "<a><!ELEMENT b></a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<?xml", "<a></aa>", "</a>", "<a", "<", "<a><", "<a>&#x;</a>",
            "<a>&#99999999999999;</a>",
        ])
    func malformed(_ text: String) {
        #expect(fault(Array(text.utf8)) != nil)
    }

    @Test("a fault → names line and column, and quotes nothing")
    func place() {
        let found = fault(Array("<a>\n  <secret></other>\n</a>".utf8))
        #expect(found?.line == 2)
        #expect(found?.column == 11)
        #expect(found?.description.contains("other") == false)
    }

    @Test("bytes that are not UTF-8 → a fault")
    func encoding() {
        #expect(fault(Array("<a>".utf8) + [0xC3, 0x28] + Array("</a>".utf8)) != nil)
        #expect(fault([0xFF, 0xFE, 0x3C, 0x00]) != nil)
    }

    @Test("one beyond a limit → a fault; at the limit → read")
    func limits() {
        let nested = { (depth: Int) -> [UInt8] in
            Array(
                (String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth))
                    .utf8)
        }
        #expect(fault(nested(64)) == nil)
        #expect(fault(nested(65)) != nil)
        #expect(fault(nested(100_000)) != nil)
        let wide = Array("<a><b/><b/></a>".utf8)
        #expect(fault(wide, XMLLimits(elements: 3)) == nil)
        #expect(fault(wide, XMLLimits(elements: 2)) != nil)
        #expect(fault(wide, XMLLimits(bytes: wide.count)) == nil)
        #expect(fault(wide, XMLLimits(bytes: wide.count - 1)) != nil)
        let attributes = Array("<a b='' c=''/>".utf8)
        #expect(fault(attributes, XMLLimits(attributes: 2)) == nil)
        #expect(fault(attributes, XMLLimits(attributes: 1)) != nil)
        #expect(fault(Array("<\(String(repeating: "n", count: 256))/>".utf8)) != nil)
    }

    @Test("thousands of mutated documents → read or refused, never a crash")
    func mutation() {
        let seed = Array(
            """
            <?xml version="1.0"?><!-- c --><r xmlns="u" a='b'><set><item><k>a&amp;b</k>
            <v><![CDATA[x]]></v></item><item><k>&#x41;</k><v/></item></set><?pi x?><t>ü🙂</t></r>
            """.utf8)
        let parts = [
            "<", ">", "</", "/>", "&", ";", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "'",
            "\"",
            "&#x", "<!DOCTYPE", "\u{0}", "=", "item",
        ].map { Array($0.utf8) }
        var generator = SplitMix64(seed: 3)
        var accepted = 0
        for _ in 0..<6_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
                case 2:
                    bytes.insert(
                        contentsOf: parts.randomElement(using: &generator) ?? [], at: place)
                case 3: bytes.removeSubrange(place...)
                default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
                }
                if bytes.isEmpty { bytes = [60] }
            }
            guard let document = try? XMLDocument(bytes) else { continue }
            accepted += 1
            _ = walk(document.root)
        }
        #expect(accepted > 100 && accepted < 5_900)
    }

    /// Touches everything that a caller could.
    private func walk(_ element: XMLElement) -> Int {
        element.name.utf8.count + element.text.utf8.count
            + element.children.reduce(0) { $0 + walk($1) }
    }
}
