/// The header of a safetensors file, which says where each tensor lies; nothing says that its bytes
/// are right.
struct SafetensorsFile {
    /// Bytes of all tensors.
    let tensorBytes: Int

    /// As in the format's own reader.
    private static let headerLimit = 100_000_000

    /// Bits of an element, where its type is known here.
    private static let bits: [String: Int] = [
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8,
        "F8_E4M3": 8, "F8_E8M0": 8, "F8_E5M2FNUZ": 8, "F8_E4M3FNUZ": 8, "I16": 16, "U16": 16,
        "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
        "C64": 64,
    ]

    /// Whether the first nine bytes could be those of such a file.
    static func isLikely(_ head: ByteFields) -> Bool {
        head.count >= 9 && (2...UInt64(headerLimit)).contains(head.number(8, at: 0))
            && head.bytes[8] == UInt8(ascii: "{")
    }

    init(_ file: any FileBytes) throws(FormatFlaw) {
        let prefix = try file.bytes(8, at: 0)
        guard let length = prefix.place(8, at: 0), (2...SafetensorsFile.headerLimit) ~= length
        else { throw .damaged("its header has an impossible length") }
        let header = try file.bytes(length, at: 8)
        tensorBytes = try SafetensorsFile.cover(of: try SafetensorsFile.tensors(header.bytes))
        let end = 8 + length + tensorBytes
        if end > file.size {
            throw .incomplete("its tensors end at byte \(end), the file at \(file.size)")
        }
        if end < file.size { throw .damaged("\(file.size - end) bytes follow its last tensor") }
    }

    private struct Tensor {
        var name: String
        var type = ""
        var shape: [Int] = []
        var offsets: [Int] = []
    }

    private static func tensors(_ header: [UInt8]) throws(FormatFlaw) -> [Tensor] {
        var scanner = JSONScanner(header)
        var tensors: [Tensor] = []
        var names: Set<String> = []
        try scanner.object { name, scanner throws(FormatFlaw) in
            guard names.insert(name).inserted else {
                throw .damaged("its header names the tensor \(FormatFlaw.shown(name)) twice")
            }
            if name == "__metadata__" { return try scanner.skip() }
            tensors.append(try tensor(name, &scanner))
        }
        try scanner.end()
        return tensors
    }

    private static func tensor(
        _ name: String, _ scanner: inout JSONScanner
    ) throws(FormatFlaw) -> Tensor {
        var tensor = Tensor(name: name)
        try scanner.object { key, scanner throws(FormatFlaw) in
            switch key {
            case "dtype": tensor.type = try scanner.string()
            case "shape": tensor.shape = try numbers(&scanner)
            case "data_offsets": tensor.offsets = try numbers(&scanner)
            default: try scanner.skip()
            }
        }
        guard tensor.offsets.count == 2, !tensor.type.isEmpty else {
            let name = FormatFlaw.shown(name)
            throw .damaged("its header does not say where the tensor \(name) lies")
        }
        return tensor
    }

    private static func numbers(_ scanner: inout JSONScanner) throws(FormatFlaw) -> [Int] {
        var numbers: [Int] = []
        try scanner.array { scanner throws(FormatFlaw) in
            guard let number = try scanner.integer(), number >= 0 else {
                throw .damaged("its header holds a size below zero")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Where the last tensor ends: they follow each other without a hole or an overlap, each as
    /// long as its shape says.
    private static func cover(of tensors: [Tensor]) throws(FormatFlaw) -> Int {
        var end = 0
        for tensor in tensors.sorted(by: { $0.offsets.lexicographicallyPrecedes($1.offsets) }) {
            let (start, stop) = (tensor.offsets[0], tensor.offsets[1])
            let name = FormatFlaw.shown(tensor.name)
            guard start == end, stop >= start else {
                throw .damaged("its tensor \(name) lies over another one or after a hole")
            }
            guard fits(tensor, stop - start) else {
                throw .damaged("its tensor \(name) is not as long as its shape says")
            }
            end = stop
        }
        return end
    }

    /// A type that is not known here says nothing about a length.
    private static func fits(_ tensor: Tensor, _ length: Int) -> Bool {
        guard var bits = bits[tensor.type] else { return true }
        for side in tensor.shape {
            let (product, hasOverflow) = bits.multipliedReportingOverflow(by: side)
            if hasOverflow { return false }
            bits = product
        }
        return bits % 8 == 0 && bits / 8 == length
    }
}
