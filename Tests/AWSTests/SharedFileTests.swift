import Testing

@testable import AWS

struct SharedFileTests {
    private func parse(_ text: String) throws(ConfigurationFailure) -> SharedFile {
        try SharedFile(path: "config", bytes: Array(text.utf8))
    }

    private func complaint(_ text: String) -> String? {
        do throws(ConfigurationFailure) {
            _ = try parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("sections, comments, both marks → the settings with their lines")
    func sections() throws {
        let file = try parse(
            """
            # a comment
            [default]
            Region = us-east-1   
            ; another
            output: json
            url = a=b # not a comment

            [other]
              [profile two]
              region=eu-west-1
            """)
        let settings = try #require(file.sections["default"]?.settings)
        #expect(settings["region"]?.text == "us-east-1")
        #expect(settings["region"]?.line == 3)
        #expect(settings["output"]?.text == "json")
        #expect(settings["url"]?.text == "a=b # not a comment")
        #expect(file.sections["profile two"]?.settings["region"]?.text == "eu-west-1")
    }

    @Test("nested settings → read; a value on several lines → joined")
    func nested() throws {
        let file = try parse(
            "[services x]\ns3 =\n  endpoint_url = http://a:1\n\n  # no\n  other=2\nec2 =\n"
                + "[profile y]\nargs = one\n  two\n\nlast = 1\n")
        let s3 = try #require(file.sections["services x"]?.settings["s3"])
        #expect(s3.nested == ["endpoint_url": "http://a:1", "other": "2"])
        #expect(file.sections["services x"]?.settings["ec2"]?.nested == [:])
        #expect(file.sections["profile y"]?.settings["args"]?.text == "one\ntwo")
        #expect(file.sections["profile y"]?.settings["last"]?.text == "1")
    }

    @Test(
        "a file that is wrong → its line and what to do, without any value",
        arguments: [
            ("region = x\n", "config:1: a setting before the first section; begin with [default]"),
            ("[a]\n[a]\n", "config:2: [a] is there already, at line 1"),
            ("[a]\nk = 1\nK = 2\n", "config:3: k is set already, at line 2"),
            ("[a]\nsecret\n", "config:2: expected `name = value`, a section or a comment"),
            ("[a]\n= 1\n", "config:2: expected `name = value`, a section or a comment"),
            ("[DEFAULT]\n", "config:1: [DEFAULT] would hold for every section; write [default]"),
            ("[a]\ns3 =\n  x\n", "config:2: expected `name = value` in every line below s3"),
        ])
    func errors(text: String, expected: String) {
        #expect(complaint(text) == expected)
    }

    @Test("bytes that are no text → refused")
    func bytes() {
        #expect(throws: ConfigurationFailure("config: the file is not UTF-8 text")) {
            _ = try SharedFile(path: "config", bytes: [0x5b, 0xff, 0x5d])
        }
    }

    @Test("shell words → quotes and backslashes as in a POSIX shell")
    func shellWords() throws {
        #expect(
            try ShellWords.split(#"a  'b c' "d \"e\" \n" f\ g ''"#)
                == ["a", "b c", #"d "e" \n"#, "f g", ""])
        // A mark that combines with a quotation mark does not hide it.
        #expect(try ShellWords.split("'\u{301} a' b") == ["\u{301} a", "b"])
        #expect(throws: ShellWords.Failure.openQuote) { try ShellWords.split("a 'b") }
        #expect(throws: ShellWords.Failure.openEscape) { try ShellWords.split("a\\") }
    }
}
