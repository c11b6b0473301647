import CLibFuzzer
import Glibc
import Synchronization

/// The bridge to libFuzzer, whose callback is a plain C function.
enum Driver {
    private static let target = Mutex<FuzzTarget?>(nil)

    /// Fuzzes until libFuzzer ends; its exit status.
    static func run(_ chosen: FuzzTarget, options: [String]) -> Int32 {
        target.withLock { $0 = chosen }
        let words = (["fuzz \(chosen.name)"] + options).map { strdup($0) }
        var count = Int32(words.count)
        // libFuzzer may keep the list: never freed.
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: words.count + 1)
        list.initialize(repeating: nil, count: words.count + 1)
        for (place, word) in words.enumerated() { list[place] = word }
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = list
        return LLVMFuzzerRunDriver(&count, &arguments) { bytes, size in
            Driver.test(UnsafeBufferPointer(start: bytes, count: size))
            return 0
        }
    }

    private static func test(_ input: UnsafeBufferPointer<UInt8>) {
        guard let target = target.withLock({ $0 }) else { return }
        do {
            try target.check(Array(input))
        } catch {
            complain("broken property: \(error)")
            abort()
        }
    }

    static func complain(_ text: String) {
        let line = Array("fuzz: \(text)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

/// What libFuzzer's own `main` would call, which is linked but never run.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> Int32 { -1 }
