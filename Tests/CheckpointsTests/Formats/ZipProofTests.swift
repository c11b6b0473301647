import TestSupport
import Testing

@testable import Checkpoints

struct ZipProofTests {
    @Test("the check value of CRC-32, in pieces of any length → the same")
    func checkValue() {
        let text = Array("123456789".utf8)
        let long = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        func sum(_ pieces: [[UInt8]]) -> UInt32 {
            var sum = CRC32()
            for piece in pieces { piece.withUnsafeBytes { sum.update($0) } }
            return sum.value
        }
        #expect(sum([text]) == 0xCBF4_3926)
        for cut in 0..<64 {
            #expect(sum([Array(long[..<cut]), Array(long[cut...])]) == sum([long]))
        }
    }

    /// Archives of Python's own: stored, fixed and dynamic codes, far copies, bytes that do not
    /// shrink.
    private static let script = """
        import random, sys, zipfile
        random.seed(7)
        noise = random.randbytes(200_000)
        parts = {
            "empty": b"", "one": b"x", "short": b"abcabcabcabc", "zeros": bytes(300_000),
            "noise": noise, "text": b"the quick brown fox jumps over the lazy dog " * 9000,
            "far": noise[:32_000] + bytes(1000) + noise[:32_000],
        }
        for level in (1, 6, 9):
            with zipfile.ZipFile(f"{sys.argv[1]}/{level}.zip", "w") as archive:
                for name, data in parts.items():
                    archive.writestr(name, data, zipfile.ZIP_DEFLATED, level)
        with zipfile.ZipFile(f"{sys.argv[1]}/0.zip", "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data, zipfile.ZIP_STORED)
        """

    @Test("archives that Python packed at every level → proved; one changed byte → refused")
    func unpacked() throws {
        let disk = try TemporaryDirectory()
        disk.write("pack.py", ZipProofTests.script)
        let result = try ToolProcess.run(
            [TestPython.interpreter, disk("pack.py"), disk.path],
            environment: ["PATH": "/usr/bin:/bin"])
        try #require(result.status == 0, "\(result.output)")
        #expect(verdict(["0.zip": try #require(disk.read("0.zip"))]) == "files, proved")
        for level in [1, 6, 9] {
            let bytes = try #require(disk.read("\(level).zip"))
            #expect(verdict(["a.zip": bytes]).hasPrefix("files, unpacked"))
            for record in try ZipDirectory(HeldBytes(bytes)).records where record.stored > 0 {
                var changed = bytes
                changed[record.offset + record.stored / 2] ^= 0xFF
                #expect(verdict(["a.zip": changed]).contains(record.name))
            }
        }
    }
}
