/// The rules of the archive that `torch.save` writes, beyond those of any zip archive.
enum TorchFile {
    /// Protocols 2 to 5 of a pickle: how `torch.save` wrote before it used archives.
    static func isLegacy(_ head: ByteFields) -> Bool {
        head.count >= 2 && head.bytes[0] == 0x80 && (2...5).contains(head.bytes[1])
    }

    static func looksLike(_ archive: ZipDirectory) -> Bool {
        archive.records.contains { $0.name.hasSuffix("/data.pkl") }
            || archive.records.contains { $0.name.hasSuffix("/version") }
    }

    static func check(_ archive: ZipDirectory) throws(FormatFlaw) {
        let parts = archive.records.map { record in
            record.name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        }
        guard let root = parts.first?.first, parts.allSatisfy({ $0.count == 2 && $0[0] == root })
        else { throw .damaged("its records do not stand in one folder") }
        if let packed = archive.records.first(where: \.isDeflated) {
            throw .damaged("its record \(packed.shown) is compressed, which torch never does")
        }
        let names = Set(parts.map { $0[1] })
        for name in ["data.pkl", "version"] where !names.contains(name[...]) {
            throw .incomplete("it has no \(name)")
        }
        let storages = names.count { name in
            name.hasPrefix("data/") && Int(name.dropFirst("data/".count)) != nil
        }
        for number in 0..<storages where !names.contains("data/\(number)") {
            throw .incomplete("its storage data/\(number) is missing")
        }
    }
}
