/// The header of a NumPy array, alone or as a record of an `.npz`.
struct NumpyFile {
    static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)
    private static let headerLimit = 1 << 20

    /// Bytes that the header and the array take together; nil for pickled objects and records of
    /// several fields, whose size the header does not tell.
    let size: Int?

    /// Whether all records are arrays, as in an `.npz`.
    static func isArchive(_ archive: ZipDirectory) -> Bool {
        !archive.records.isEmpty && archive.records.allSatisfy { $0.name.hasSuffix(".npy") }
    }

    /// Bytes to read before the length of the header is known.
    static let prefix = 12

    /// How long the header with its prefix is.
    static func headerSize(_ prefix: ByteFields) throws(FormatFlaw) -> Int {
        guard prefix.starts(with: signature), prefix.count >= NumpyFile.prefix else {
            throw .damaged("it does not begin as a NumPy array")
        }
        let (lengthSize, offset) = prefix.bytes[6] == 1 ? (2, 10) : (4, 12)
        guard (1...3).contains(prefix.bytes[6]),
            let length = prefix.place(lengthSize, at: 8), length <= headerLimit
        else { throw .damaged("its NumPy header has an impossible length") }
        return offset + length
    }

    /// `header` with its prefix.
    init(header: ByteFields) throws(FormatFlaw) {
        let text = String(decoding: header.bytes, as: UTF8.self)
        // A Python literal, always with these three keys.
        let shape = text.firstMatch(of: /'shape': *\(([0-9, ]*)\)/)
        guard let shape else { throw .damaged("its NumPy header has no shape") }
        guard let type = text.firstMatch(of: /'descr': *'[<>|=]?([a-zA-Z])([0-9]*)/),
            type.1 != "O"
        else {
            size = nil
            return
        }
        // Unicode text takes four bytes a character.
        var bytes = (Int(type.2) ?? 1) * (type.1 == "U" ? 4 : 1)
        for side in shape.1.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let count = Int(side) else { throw .damaged("its NumPy shape is impossible") }
            let (product, hasOverflow) = bytes.multipliedReportingOverflow(by: count)
            if hasOverflow { throw .damaged("its NumPy shape is impossible") }
            bytes = product
        }
        let (sum, hasOverflow) = bytes.addingReportingOverflow(header.count)
        if hasOverflow { throw .damaged("its NumPy shape is impossible") }
        size = sum
    }

    /// Checks an array that stands in a file or in a record of one, from `offset` on.
    static func check(
        _ file: any FileBytes, at offset: Int, size: Int
    ) throws(FormatFlaw) {
        guard size >= prefix else { throw .incomplete("its NumPy header is cut short") }
        let length = try headerSize(try file.bytes(prefix, at: offset))
        guard length <= size else { throw .incomplete("its NumPy header is cut short") }
        try NumpyFile(header: try file.bytes(length, at: offset)).check(size: size)
    }

    func check(size actual: Int) throws(FormatFlaw) {
        guard let size, size != actual else { return }
        throw actual < size
            ? .incomplete("its array takes \(size) bytes, and \(actual) are there")
            : .damaged("its array takes \(size) bytes, and \(actual) are there")
    }
}
