/// One member of a POSIX tar archive: ustar, with a pax header where a name is too long for it.
///
/// Everything that differs between machines is fixed: owner 0, time 0, modes 0644 and 0755.
struct TarRecord {
    enum Kind {
        case folder
        case file(size: Int, isExecutable: Bool)
        case symlink(target: [UInt8])
    }

    /// Relative to the archive's root; a folder's ends in a slash.
    let name: [UInt8]
    let kind: Kind

    static let blockSize = 512
    /// Two empty blocks end an archive.
    static let end = [UInt8](repeating: 0, count: 2 * blockSize)

    /// The header blocks; a file's bytes and `padding(after:)` follow them.
    var header: [UInt8] {
        var attributes: [UInt8] = []
        if name.count > 100 { attributes += TarRecord.attribute("path", name) }
        if target.count > 100 { attributes += TarRecord.attribute("linkpath", target) }
        guard !attributes.isEmpty else { return block }
        let pax = TarRecord(name: Array("pax".utf8), kind: .file(size: 0, isExecutable: false))
        return pax.block(type: "x", size: attributes.count)
            + attributes + TarRecord.padding(after: attributes.count) + block
    }

    static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (blockSize - size % blockSize) % blockSize)
    }

    private var target: [UInt8] {
        if case .symlink(let target) = kind { target } else { [] }
    }

    private var block: [UInt8] {
        switch kind {
        case .folder: block(type: "5", size: 0)
        case .file(let size, _): block(type: "0", size: size)
        case .symlink: block(type: "2", size: 0)
        }
    }

    private var mode: Int {
        switch kind {
        case .folder, .file(_, isExecutable: true): 0o755
        case .file: 0o644
        case .symlink: 0o777
        }
    }

    private func block(type: Character, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarRecord.blockSize)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int, atMost width: Int) {
            for (index, byte) in zip(offset..<offset + width, bytes) { block[index] = byte }
        }
        put(name, at: 0, atMost: 100)
        put(TarRecord.octal(mode, digits: 7), at: 100, atMost: 8)
        put(TarRecord.octal(0, digits: 7), at: 108, atMost: 8)
        put(TarRecord.octal(0, digits: 7), at: 116, atMost: 8)
        put(TarRecord.octal(size, digits: 11), at: 124, atMost: 12)
        put(TarRecord.octal(0, digits: 11), at: 136, atMost: 12)
        put(Array("        ".utf8), at: 148, atMost: 8)
        put(String(type).utf8, at: 156, atMost: 1)
        put(target, at: 157, atMost: 100)
        put("ustar\u{0}00".utf8, at: 257, atMost: 8)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(TarRecord.octal(sum, digits: 6) + [0], at: 148, atMost: 7)
        return block
    }

    private static func octal(_ value: Int, digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array(String(repeating: "0", count: max(0, digits - text.count)).utf8) + text.utf8
    }

    /// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
    private static func attribute(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [10]
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length {
            length = String(length).utf8.count + rest.count
        }
        return Array(String(length).utf8) + rest
    }
}
