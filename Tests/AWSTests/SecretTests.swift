import AWS
import Testing

@Suite struct SecretTests {
    @Test("credentials in a message, a dump or a test report → no secret in the text")
    func masked() {
        let credentials = AWSCredentials(
            accessKeyID: "AKIAEXAMPLE0", secretAccessKey: "very-secret", sessionToken: "token!")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("very-secret") && !text.contains("token!"))
            #expect(!text.contains("EXAMPLE"))
        }
    }
}
