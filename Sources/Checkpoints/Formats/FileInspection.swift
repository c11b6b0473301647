import Training

/// What one file of a checkpoint turned out to be.
struct FileInspection: Sendable {
    enum Form: Hashable, Sendable {
        case torch
        /// A plain pickle: nothing in it can be checked without loading it.
        case pickle
        case safetensors(tensorBytes: Int)
        case numpy
        /// A zip archive of something else.
        case archive
        /// Content that says nothing.
        case plain
    }

    var form: Form
    /// What is still to be proved by reading every byte; nil when the file keeps no sums.
    var sums: RecordSums?
    /// Whether some of its records are compressed, which `prove(compressedIn:)` unpacks.
    var isCompressed = false

    /// Looks into a file without reading its bulk; throws what is wrong with it.
    ///
    /// `path` tells by its ending what an empty beginning should have been.
    static func inspect(
        _ file: any FileBytes, path: String
    ) throws(FormatFlaw) -> FileInspection {
        let head = try file.bytes(min(16, file.size), at: 0)
        if head.starts(with: ZipDirectory.signature) { return try archive(file) }
        if head.starts(with: NumpyFile.signature) {
            try NumpyFile.check(file, at: 0, size: file.size)
            return FileInspection(form: .numpy)
        }
        let ending = path.split(separator: ".").last.map(String.init) ?? ""
        if ending == "safetensors" || SafetensorsFile.isLikely(head) {
            let tensors = try SafetensorsFile(file)
            return FileInspection(form: .safetensors(tensorBytes: tensors.tensorBytes))
        }
        if TorchFile.isLegacy(head) { return FileInspection(form: .pickle) }
        // What a hole leaves where a header should be.
        if FileInspection.endings.contains(ending), head.count > 0,
            head.bytes.allSatisfy({ $0 == 0 })
        {
            throw .damaged("it begins with zeros")
        }
        return FileInspection(form: .plain)
    }

    private static let endings: Set<String> = ["pt", "pth", "ckpt", "bin", "npz", "npy"]

    private static func archive(_ file: any FileBytes) throws(FormatFlaw) -> FileInspection {
        let archive = try ZipDirectory(file)
        var inspection = FileInspection(
            form: .archive, sums: RecordSums(archive.records),
            isCompressed: archive.records.contains(where: \.isDeflated))
        if TorchFile.looksLike(archive) {
            try TorchFile.check(archive)
            inspection.form = .torch
        } else if NumpyFile.isArchive(archive) {
            for record in archive.records where !record.isDeflated {
                do {
                    try NumpyFile.check(file, at: record.offset, size: record.size)
                } catch {
                    throw error.of(record.shown)
                }
            }
            inspection.form = .numpy
        }
        return inspection
    }

    /// Proves the compressed records of an archive, which one pass over its bytes cannot.
    static func prove(compressedIn file: any FileBytes) throws(FormatFlaw) {
        let head = try file.bytes(min(4, file.size), at: 0)
        guard head.starts(with: ZipDirectory.signature) else { return }
        for record in try ZipDirectory(file).records where record.isDeflated {
            let isArray = record.name.hasSuffix(".npy")
            let start = try Inflation.prove(record, in: file, headSize: isArray ? 1 << 16 : 0)
            guard isArray, start.count >= NumpyFile.prefix else { continue }
            let length = try NumpyFile.headerSize(start)
            guard length <= start.count else { continue }
            try NumpyFile(header: ByteFields(Array(start.bytes[..<length])))
                .check(size: record.size)
        }
    }
}
