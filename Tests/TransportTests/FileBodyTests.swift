import Glibc
import TestSupport
import Testing

@testable import Transport

/// In a process of its own: where a number is closed twice, it is another's file that goes.
struct FileBodyTests {
    @Test("bodies that are refused, many times → no other thread loses a file that it opened")
    func refused() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            directory.write("short", "12345")
            let other = Task.detached {
                var lost = 0
                while !Task.isCancelled {
                    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    if close(file) != 0 { lost += 1 }
                }
                return lost
            }
            for _ in 0..<20_000 {
                for (name, length) in [("none", 1), (".", 1), ("short", 6)] {
                    #expect(throws: TransportFailure.self) {
                        try FileBody(path: directory(name), offset: 0, length: length)
                    }
                }
            }
            other.cancel()
            #expect(await other.value == 0)
        }
    }
}
