import Testing

@testable import Supervision

struct SecretMaskTests {
    @Test("values in a text → covered, the longer before the shorter; short ones stay")
    func masked() {
        let mask = SecretMask(["hunter22", "hunter22-and-more", "short"])
        #expect(mask.masked("a hunter22-and-more, hunter22hunter22") == "a ***, ******")
        #expect(mask.masked("short") == "short")
        #expect(SecretMask().masked("hunter22") == "hunter22")
    }

    @Test("a value of several lines → each line is covered alone, too")
    func lines() {
        let mask = SecretMask(["-----BEGIN\nabcdefgh\nxyz"])
        #expect(mask.masked("key abcdefgh") == "key ***")
    }

    @Test(
        "an end that may begin a value → so many bytes wait",
        arguments: [
            ("log hunt", 4), ("log hunter2", 7), ("log hunter22", 0), ("log", 0), ("", 0), ("h", 1),
            ("hunter22hunt", 4),
        ])
    func pending(text: String, count: Int) {
        #expect(SecretMask(["hunter22"]).pending(atEndOf: Array(text.utf8)) == count)
    }

    @Test("a value that ends as it begins, at the end → nothing waits, and no half is let go")
    func overlapping() {
        #expect(SecretMask(["ababab"]).pending(atEndOf: Array("xababab".utf8)) == 0)
        #expect(SecretMask(["ababab"]).pending(atEndOf: Array("xabababab".utf8)) == 2)
        let longer = SecretMask(["hunter22", "hunter22!"])
        #expect(longer.pending(atEndOf: Array("hunter22".utf8)) == 8)
    }
}
