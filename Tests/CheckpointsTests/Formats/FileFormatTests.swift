import TestSupport
import Testing
import Training

@testable import Checkpoints

struct FileFormatTests {
    @Test(
        "what real libraries wrote → recognised by content, and proved where it keeps sums",
        arguments: [
            ("state.pt", "torch, proved"), ("legacy.pt", "torch"),
            ("model.safetensors", "safetensors"), ("arrays.npz", "npz, proved"),
            ("packed.npz", "npz, unpacked"), ("array.npy", "npz"),
        ])
    func recognised(_ name: String, _ expected: String) throws {
        let bytes = try Sample.read(name)
        #expect(verdict([name: bytes]) == expected)
        // Its name does not matter: PyTorch's own examples say `.pth.tar`.
        #expect(verdict(["checkpoint.data": bytes]) == expected)
    }

    @Test(
        "cut short at any byte → refused",
        arguments: ["state.pt", "model.safetensors", "arrays.npz", "packed.npz", "array.npy"])
    func truncated(_ name: String) throws {
        let bytes = try Sample.read(name)
        let format: CheckpointFormat =
            name.hasSuffix(".pt") ? .torch : name.hasSuffix("safetensors") ? .safetensors : .npz
        for count in 1..<bytes.count {
            if case .success = look([name: Array(bytes.prefix(count))], as: format) {
                Issue.record("\(count) bytes of \(name) are taken for a whole file")
            }
        }
    }

    @Test(
        "any byte of a record changed → refused, by the record's name",
        arguments: ["state.pt", "arrays.npz", "packed.npz"])
    func flipped(_ name: String) throws {
        let bytes = try Sample.read(name)
        for record in try ZipDirectory(HeldBytes(bytes)).records {
            for place in record.offset..<(record.offset + record.stored) {
                var changed = bytes
                changed[place] ^= 0xFF
                let said = verdict([name: changed])
                #expect(said.contains(record.name), "byte \(place): \(said)")
            }
        }
    }

    @Test(
        "a bit of any other byte changed → refused, or nothing that counts was in it",
        arguments: ["state.pt", "arrays.npz", "packed.npz", "model.safetensors", "array.npy"])
    func flippedStructure(_ name: String) throws {
        let bytes = try Sample.read(name)
        let whole = verdict([name: bytes])
        let records = (try? ZipDirectory(HeldBytes(bytes)).records) ?? []
        let data = records.map { $0.offset..<($0.offset + $0.stored) }
        var refused = 0
        for place in bytes.indices where !data.contains(where: { $0.contains(place) }) {
            var changed = bytes
            changed[place] ^= 1 << (place % 8)
            guard verdict([name: changed]) == whole else {
                refused += 1
                continue
            }
            let now = (try? ZipDirectory(HeldBytes(changed)).records) ?? []
            #expect(now.map(\.stored) == records.map(\.stored), "byte \(place)")
            #expect(now.map(\.sum) == records.map(\.sum), "byte \(place)")
        }
        #expect(refused > 20)
    }

    @Test("a hole of zeros, as a lost block leaves → refused, by what is wrong")
    func holes() throws {
        var torch = try Sample.read("state.pt")
        torch.replaceSubrange(0..<512, with: repeatElement(0, count: 512))
        #expect(verdict(["state.pt": torch]) == "damaged: it begins with zeros")
        #expect(
            verdict(["state.pt": torch], as: .torch) == "damaged: it begins with zeros")
        var middle = try Sample.read("state.pt")
        middle.replaceSubrange(450..<500, with: repeatElement(0, count: 50))
        #expect(verdict(["state.pt": middle]).contains("state/data/0"))
    }

    private static let payload = """
        import os, pickle, sys, zipfile

        class Payload:
            def __reduce__(self):
                return (os.system, ("touch " + sys.argv[2],))

        if sys.argv[3] == "save":
            with zipfile.ZipFile(sys.argv[1], "w") as archive:
                archive.writestr("payload/data.pkl", pickle.dumps(Payload(), 2))
                archive.writestr("payload/version", "3")
        else:
            with zipfile.ZipFile(sys.argv[1]) as archive:
                pickle.loads(archive.read("payload/data.pkl"))
        """

    @Test("a pickle that runs a command when it is loaded → looked into, never executed")
    func payload() throws {
        let disk = try TemporaryDirectory()
        disk.write("payload.py", FileFormatTests.payload)
        func python(_ verb: String) throws {
            let result = try ToolProcess.run(
                [
                    TestPython.interpreter, disk("payload.py"), disk("payload.pt"), disk("ran"),
                    verb,
                ], environment: ["PATH": "/usr/bin:/bin"])
            try #require(result.status == 0, "\(result.output)")
        }
        try python("save")
        let bytes = try #require(disk.read("payload.pt"))
        #expect(verdict(["payload.pt": bytes]) == "torch, proved")
        #expect(!disk.exists("ran"))
        // It is a live one.
        try python("load")
        #expect(disk.exists("ran"))
    }

    @Test("an archive written without checksums → taken, and said to have none")
    func withoutSums() throws {
        var bytes = try Sample.read("state.pt")
        let archive = try ZipDirectory(HeldBytes(bytes))
        for record in archive.records {
            // The checksum stands in the directory, 30 bytes before the record's name.
            let name = Array(record.name.utf8)
            let places = bytes.indices.filter { bytes[$0...].starts(with: name) }
            let entry = try #require(places.last) - 30
            bytes.replaceSubrange(entry..<(entry + 4), with: [0, 0, 0, 0])
        }
        #expect(verdict(["state.pt": bytes]) == "torch, no sums")
    }

    @Test("a format is declared and the file is another one → refused")
    func declared() throws {
        let text = Array("plain".utf8)
        let pickle = try Sample.read("legacy.pt")
        #expect(
            verdict(["a.pt": text], as: .torch) == "damaged: it is not what torch.save writes")
        #expect(
            verdict(["a.bin": text], as: .safetensors) == "damaged: it is no safetensors file")
        #expect(verdict(["a.npz": pickle], as: .npz) == "damaged: it is no NumPy file")
        #expect(verdict(["a.pt": text], as: .files) == "files")
        #expect(verdict(["a.txt": text]) == "files")
    }

    @Test(
        "a safetensors header that lies → refused, by what is wrong",
        arguments: [
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 8, "safetensors"),
            (
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7,
                "incomplete: its tensors end at byte 70, the file at 69"
            ),
            (
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9,
                "damaged: 1 bytes follow its last tensor"
            ),
            (
                #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8,
                "damaged: its tensor a is not as long as its shape says"
            ),
            (
                #"{"a":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,8]}}"#, 8,
                "damaged: its tensor a is not as long as its shape says"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                    + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
                3, "damaged: its tensor b lies over another one or after a hole"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                    + #""a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
                4, "damaged: its header names the tensor a twice"
            ),
            (
                #"{"a":{"dtype":"U8","shape":[2]}}"#, 0,
                "damaged: its header does not say where the tensor a lies"
            ),
            (#"{"a":1}"#, 0, "damaged: it is no JSON at byte 5"),
            (#"{"__metadata__":{"format":"pt"}}   "#, 0, "safetensors"),
            (#"{"a":{"dtype":"NEW","shape":[2],"data_offsets":[0,5]}}"#, 5, "safetensors"),
        ])
    func safetensors(_ header: String, _ bytes: Int, _ expected: String) {
        let length = header.utf8.count
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        let file = prefix + Array(header.utf8) + Array(repeating: 1, count: bytes)
        #expect(verdict(["m.safetensors": file]) == expected)
    }

    @Test("records with one name, one that leads out, two roots → refused")
    func hostileNames() throws {
        let bytes = try Sample.read("state.pt")
        func renamed(_ from: String, _ to: String) -> [UInt8] {
            bytes.replacing(Array(from.utf8), with: Array(to.utf8))
        }
        #expect(
            verdict(["a.pt": renamed("state/data/1", "state/data/0")])
                == "damaged: two of its records have one name")
        #expect(
            verdict(["a.pt": renamed("state/data/1", "../../data/1")])
                == "damaged: the name of one of its records is none that a trainer gives")
        #expect(
            verdict(["a.pt": renamed("state/data/1", "other/data/1")])
                == "damaged: its records do not stand in one folder")
        #expect(
            verdict(["a.pt": renamed("state/data/0", "state/data/7")])
                == "incomplete: its storage data/0 is missing")
        #expect(
            verdict(["a.pt": renamed("state/data.pkl", "state/data.pkx")])
                == "incomplete: it has no data.pkl")
    }
}
