import Testing

@testable import Transport

struct RedactionTests {
    @Test(
        "a secret anywhere in a text → masked",
        arguments: [
            ("no https://ann:canary@host/x here", "no https://***@host/x here"),
            ("http://canary@h and http://x:canary@i", "http://***@h and http://***@i"),
            ("http://host/a@canary", "http://host/a@***"),
            ("Bearer canary", "Bearer ***"),
            ("nothing", "nothing"),
            // As `Character`s these hold neither the secret nor a scheme's end.
            ("canary\u{301}", "***\u{301}"),
            ("https://\u{301}ann:canary@h", "https://***@h"),
        ])
    func masked(text: String, expected: String) {
        #expect(Redaction.apply(to: text, secrets: ["canary", ""]) == expected)
    }

    @Test("a credential → no description or reflection shows it")
    func credential() {
        for credential in [
            HTTPCredential.basic(username: "ann", password: "canary"), .bearer(token: "canary"),
        ] {
            var dumped = ""
            dump(credential, to: &dumped)
            let texts = ["\(credential)", String(reflecting: credential), dumped]
            #expect(texts.allSatisfy { !$0.contains("canary") })
        }
    }

    @Test("base64 of every length → as RFC 4648 gives it")
    func base64() {
        let pairs = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
        ]
        for (text, encoded) in pairs { #expect(Base64.encode(Array(text.utf8)) == encoded) }
    }
}
