import FoundationEssentials
import Glibc
import Testing

@testable import Manifests

/// What somebody may push to make the reader slow, large or wrong.
enum Bomb: String, CaseIterable, Codable {
    case flowNesting
    case closedFlowNesting
    case flowMappingNesting
    case blockNesting
    case indentation
    case billionLaughs
    case manyAliases
    case manyDocuments
    case manyDirectives
    case manyKeys
    case manyUnknownKeys
    case longKeyword
    case openQuote
    case tooLarge
    case justSmallEnough
    case junk
    case nulBytes
    case highBytes
    case nestedExpression

    var bytes: [UInt8] {
        switch self {
        case .flowNesting: repeated("[", 50_000)
        case .closedFlowNesting: repeated("[", 50_000) + repeated("]", 50_000)
        case .flowMappingNesting: repeated("{a: ", 50_000)
        case .blockNesting: repeated("- ", 50_000)
        case .indentation:
            (0..<1000).flatMap { repeated(" ", $0) + Array("a:\n".utf8) }
        case .billionLaughs:
            Array("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".utf8)
                + (1..<30).flatMap { level in
                    let uses = repeated("*a\(level - 1), ", 10)
                    return Array("a\(level): &a\(level) [".utf8) + uses + Array("]\n".utf8)
                }
        case .manyAliases: Array("a: &a x\nb: [".utf8) + repeated("*a, ", 200_000)
        case .manyDocuments: repeated("---\n", 100_000)
        case .manyDirectives:
            (0..<60_000).flatMap { Array("%TAG !t\($0)! x\n".utf8) } + Array("---\n".utf8)
        case .manyKeys: (0..<100_000).flatMap { Array("k\($0): 1\n".utf8) }
        case .manyUnknownKeys: (0..<4900).flatMap { Array("checkpoin\($0): 1\n".utf8) }
        case .longKeyword: Array("name: a\n".utf8) + repeated("k", 1_000_000) + Array(": 1".utf8)
        case .openQuote: Array("run: \"".utf8) + repeated("x\n ", 300_000)
        case .tooLarge: repeated("name: a\n", 1 << 18)
        case .justSmallEnough: Array("name: a\nrun: x\n".utf8) + repeated("#\n", 520_000)
        case .junk: (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 2_654_435 >> 7) }
        case .nulBytes: repeated("\0", 1 << 20)
        case .highBytes: [UInt8](repeating: 0xFF, count: 1 << 20)
        case .nestedExpression:
            Array("name: a\nrun: x\ncheckpoint: {path: c, step: \"".utf8) + repeated("(", 100)
                + Array("?<step>x".utf8) + repeated(")+", 99) + Array(")\"}".utf8)
        }
    }

    /// It is legal, and only meant to be slow.
    var isHarmless: Bool { self == .justSmallEnough }

    private func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(repeatElement(text.utf8, count: count).joined())
    }
}

@Suite struct HostileManifestTests {
    @Test("a bomb under two seconds of CPU and 300 MB → a finding", arguments: Bomb.allCases)
    func bounded(bomb: Bomb) async {
        await #expect(processExitsWith: .success) { [bomb] in
            let bytes = bomb.bytes
            // Making the bomb and starting the process are not what is measured.
            var used = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
            limit(RLIMIT_CPU, to: rlim_t(used.tv_sec) + 2)
            // The tests' executable holds all of them: it may be larger than the limit by itself.
            limit(RLIMIT_AS, to: max(300 << 20, addressSpace() + 48 << 20))
            let documents = ManifestDocuments.parse(bytes)
            guard documents.findings.isEmpty == bomb.isHarmless else { exit(3) }
            exit(0)
        }
    }
}

/// Bytes of address space that this process has now (proc(5), statm).
private func addressSpace() -> rlim_t {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").first.flatMap { rlim_t($0) } ?? 0
    return pages * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
}

private func limit(_ resource: __rlimit_resource, to value: rlim_t) {
    var limit = rlimit(rlim_cur: value, rlim_max: value)
    guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { exit(2) }
}
