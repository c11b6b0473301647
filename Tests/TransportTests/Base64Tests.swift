import Testing
import Transport

struct Base64Tests {
    @Test("bytes and their base64 → each from the other; what is none → nil")
    func base64() {
        let pairs = [
            "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==",
            "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy",
        ]
        for (plain, coded) in pairs {
            #expect(Base64.encode(Array(plain.utf8)) == coded)
            #expect(Base64.decode(coded) == Array(plain.utf8))
        }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(all)) == all)
        #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
        for text in ["Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9*", "=Zg="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }
}
