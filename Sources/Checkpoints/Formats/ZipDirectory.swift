import Training

/// The central directory of a zip archive, checked against its local headers.
///
/// What `torch.save` and NumPy write: one disk, no comment, no encryption, zip64 where needed.
/// Read from the end, without a byte of the records themselves (PKWARE's APPNOTE 6.3, section 4.3).
struct ZipDirectory {
    struct Record: Hashable {
        var name: String
        var isDeflated: Bool
        var sum: UInt32
        /// Bytes in the archive, and without compression.
        var stored: Int
        var size: Int
        /// Where its bytes begin.
        var offset: Int

        /// Its name in a message.
        var shown: String { FormatFlaw.shown(name) }
    }

    /// In the order of their bytes.
    let records: [Record]

    static let signature: [UInt8] = [0x50, 0x4B, 3, 4]
    /// Bytes of a directory, and its records: far beyond what a trainer writes.
    private static let sizeLimit = 256 << 20
    private static let recordLimit = 1_000_000

    private static let endSignature: [UInt8] = [0x50, 0x4B, 5, 6]
    private static let endSize = 22

    /// Whether the file ends as a zip archive without a comment does.
    static func ends(_ file: any FileBytes) throws(FormatFlaw) -> Bool {
        guard file.size >= endSize else { return false }
        let end = try file.bytes(endSize, at: file.size - endSize)
        return end.starts(with: endSignature) && end.number(2, at: 20) == 0
    }

    init(_ file: any FileBytes) throws(FormatFlaw) {
        let (offset, size, count) = try ZipDirectory.place(file)
        var reader = DirectoryReader(
            bytes: try file.bytes(size, at: offset), fileSize: offset)
        var records: [(Record, header: Int)] = []
        for _ in 0..<count { records.append(try reader.next()) }
        guard reader.isAtEnd else { throw .damaged("its zip directory has surplus bytes") }
        records.sort { $0.header < $1.header }
        guard Set(records.map(\.0.name)).count == records.count else {
            throw .damaged("two of its records have one name")
        }
        self.records = try ZipDirectory.located(records, before: offset, in: file)
    }

    // MARK: The end record

    private static func place(
        _ file: any FileBytes
    ) throws(FormatFlaw) -> (offset: Int, size: Int, count: Int) {
        guard try ends(file) else {
            throw .incomplete("the zip directory at its end is missing")
        }
        let endOffset = file.size - endSize
        let end = try file.bytes(endSize, at: endOffset)
        let wide = try wideEnd(file, before: endOffset)
        // The same five fields, small or wide: disks, records on this disk and in all, the
        // directory's size and offset.
        let fields =
            wide.map { wide in
                [
                    wide.end.place(8, at: 16), wide.end.place(8, at: 24), wide.end.place(8, at: 32),
                    wide.end.place(8, at: 40), wide.end.place(8, at: 48),
                ]
            } ?? [
                end.place(4, at: 4), end.place(2, at: 8), end.place(2, at: 10),
                end.place(4, at: 12), end.place(4, at: 16),
            ]
        let tail = wide?.offset ?? endOffset
        guard fields[0] == 0, let count = fields[1], fields[2] == count, let size = fields[3],
            let offset = fields[4], count <= recordLimit, size <= sizeLimit, offset <= tail,
            size == tail - offset
        else { throw .damaged("its zip directory is not where its end record says") }
        return (offset, size, count)
    }

    /// The end record of zip64, which a locator right before the end record announces.
    private static func wideEnd(
        _ file: any FileBytes, before endOffset: Int
    ) throws(FormatFlaw) -> (end: ByteFields, offset: Int)? {
        let (locatorSize, wideSize) = (20, 56)
        guard endOffset >= locatorSize + wideSize else { return nil }
        let locator = try file.bytes(locatorSize, at: endOffset - locatorSize)
        guard locator.starts(with: [0x50, 0x4B, 6, 7]) else { return nil }
        let offset = endOffset - locatorSize - wideSize
        let end = try file.bytes(wideSize, at: offset)
        guard locator.place(8, at: 8) == offset, end.starts(with: [0x50, 0x4B, 6, 6]),
            end.place(8, at: 4) == wideSize - 12
        else { throw .damaged("its zip64 end record is not where its locator says") }
        return (end, offset)
    }

    // MARK: Local headers

    /// Each record where its local header says, its bytes ending before the next header begins.
    private static func located(
        _ records: [(Record, header: Int)], before directory: Int, in file: any FileBytes
    ) throws(FormatFlaw) -> [Record] {
        let limits = records.dropFirst().map(\.header) + [directory]
        var located: [Record] = []
        for ((record, header), limit) in zip(records, limits) {
            let name = Array(record.name.utf8)
            let local = try file.bytes(30 + name.count, at: header)
            guard local.starts(with: signature), local.number(2, at: 26) == name.count,
                local.starts(with: name, at: 30)
            else { throw .damaged("the header of its record \(record.shown) is overwritten") }
            var record = record
            record.offset = header + 30 + name.count + Int(local.number(2, at: 28))
            guard record.offset <= limit, record.stored <= limit - record.offset else {
                throw .damaged("its record \(record.shown) runs into the next one")
            }
            located.append(record)
        }
        return located
    }
}

/// Reads the entries of a central directory one after another.
private struct DirectoryReader {
    let bytes: ByteFields
    /// Where the directory begins: nothing that it names lies behind.
    let fileSize: Int
    private var place = 0

    init(bytes: ByteFields, fileSize: Int) {
        self.bytes = bytes
        self.fileSize = fileSize
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func next() throws(FormatFlaw) -> (ZipDirectory.Record, header: Int) {
        guard bytes.starts(with: [0x50, 0x4B, 1, 2], at: place), bytes.count - place >= 46 else {
            throw .damaged("its zip directory is cut short")
        }
        let at = place
        func length(_ offset: Int) -> Int { Int(bytes.number(2, at: at + offset)) }
        let names = at + 46
        let extras = names + length(28)
        let end = extras + length(30) + length(32)
        guard end <= bytes.count else { throw .damaged("its zip directory is cut short") }
        place = end
        guard let name = String(validating: bytes.bytes[names..<extras], as: UTF8.self),
            isSafe(name)
        else { throw .damaged("the name of one of its records is none that a trainer gives") }
        let method = bytes.number(2, at: at + 10)
        guard method == 0 || method == 8, bytes.number(2, at: at + 8) & 1 == 0 else {
            throw .damaged(
                "its record \(FormatFlaw.shown(name)) is packed in a way that trainers do not use")
        }
        // In this order, each only where the small field is full (APPNOTE 4.5.3).
        var wide = WideFields(bytes, extras..<(extras + length(30)))
        let size = wide.value(bytes.number(4, at: at + 24))
        let stored = wide.value(bytes.number(4, at: at + 20))
        let header = wide.value(bytes.number(4, at: at + 42))
        guard let size, let stored, let header, stored <= fileSize, header <= fileSize,
            method == 8 || size == stored
        else { throw .damaged("its record \(FormatFlaw.shown(name)) has impossible sizes") }
        let record = ZipDirectory.Record(
            name: name, isDeflated: method == 8, sum: UInt32(bytes.number(4, at: at + 16)),
            stored: stored, size: size, offset: 0)
        return (record, header)
    }

    /// Bounded, printable, and inside the archive.
    private func isSafe(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("/") && name.utf8.count <= 1024
            && FormatFlaw.isPrintable(name)
            && !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    }
}

/// The 64-bit fields in an entry's extra part, used up one after another.
private struct WideFields {
    private let bytes: ByteFields
    private var rest: Range<Int>

    init(_ bytes: ByteFields, _ extras: Range<Int>) {
        self.bytes = bytes
        rest = extras.upperBound..<extras.upperBound
        var place = extras.lowerBound
        while extras.upperBound - place >= 4 {
            let end = place + 4 + Int(bytes.number(2, at: place + 2))
            guard end <= extras.upperBound else { return }
            if bytes.number(2, at: place) == 1 {
                rest = (place + 4)..<end
                return
            }
            place = end
        }
    }

    /// The value of a small field, or what stands for it here; nil when neither does.
    mutating func value(_ small: UInt64) -> Int? {
        guard small == 0xFFFF_FFFF else { return Int(small) }
        guard rest.count >= 8 else { return nil }
        defer { rest = (rest.lowerBound + 8)..<rest.upperBound }
        return bytes.place(8, at: rest.lowerBound)
    }
}
