import Training

@testable import AWS
@testable import Manifests

extension FuzzTarget {
    /// The configuration files of people: `holdfast.yaml`, AWS's shared files, price tables, and
    /// the command lines in them.
    static let settings = FuzzTarget("settings", longest: 2048) { bytes in
        try requireFlat(bytes)
        try requireShared(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            _ = try PriceTable(text, place: "prices")
        } catch let failure as PriceFailure {
            try require(failure.description.hasPrefix("prices:"), "an error has no place")
        }
        try requireWords(text)
    }

    private static func requireFlat(_ bytes: [UInt8]) throws {
        let keys = ["repo", "ref", "interval", "log_format"]
        let flat = FlatDocument.read(bytes, file: "holdfast.yaml", keys: keys)
        let places = flat.diagnostics.compactMap(\.location)
        try require(places.count == flat.diagnostics.count, "an error has no place")
        try require(places == places.sorted(), "errors are not in their order")
        for location in flat.entries.map(\.location) + places {
            try require(
                (1...bytes.lineCount).contains(location.line)
                    && (1...(bytes.count + 2)).contains(location.column),
                "a place stands outside of the file")
        }
        for diagnostic in flat.diagnostics { try requireClean(diagnostic.message) }
        let named = flat.entries.map(\.key)
        try require(Set(named).isSubset(of: keys), "an unknown key is taken")
        try require(Set(named).count == named.count, "a key is taken twice")
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let marked = FlatDocument.read(
            [0xEF, 0xBB, 0xBF] + bytes, file: "holdfast.yaml", keys: keys)
        try require(
            marked.entries == flat.entries && marked.diagnostics == flat.diagnostics,
            "a byte order mark changes the settings")
    }

    private static func requireShared(_ bytes: [UInt8]) throws {
        let file: SharedFile
        do {
            file = try SharedFile(path: "config", bytes: bytes)
        } catch {
            return try require("\(error)".hasPrefix("config:"), "an error has no place")
        }
        for section in file.sections.values {
            for (name, setting) in section.settings {
                try require(setting.line > section.line, "a setting stands before its section")
                try require(name == name.lowercased(), "a name has two spellings")
                try require(setting.path == "config", "a setting has no place")
            }
        }
    }

    /// Words that are quoted as a shell quotes come back as they were.
    private static func requireWords(_ text: String) throws {
        guard let words = try? ShellWords.split(text) else { return }
        let quoted = words.map { word in
            Array("'".utf8) + Array(word.utf8).replacing([39], with: Array("'\\''".utf8)) + [39]
        }
        let line = String(decoding: Array(quoted.joined(separator: [32])), as: UTF8.self)
        let again = try? ShellWords.split(line)
        try require(again == words, "quoted words come back changed")
    }
}
