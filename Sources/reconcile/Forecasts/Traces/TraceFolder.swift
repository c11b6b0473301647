import Simulation
import Training

/// A folder of traces.
///
/// Each `*.csv` and `*.json` in it is about one zone, with which its name begins:
/// `us-east-1a.csv`, `us-east-1a_v100_1.csv`. Other files are left alone.
enum TraceFolder {
    /// More zones than AWS has.
    static let fileLimit = 300

    /// The traces of the folder at `path`, sorted by zone.
    ///
    /// Where no file holds a number greater than 1, a 1 says only that there is room; otherwise
    /// the numbers of all files are counts. `prices` is the path of a file with one spot price a
    /// look, by the names of the traces' files without their ending.
    static func read(
        _ path: String, sense: TraceFile.Sense, prices: String?, in surroundings: Surroundings
    ) throws(CommandFailure) -> [AvailabilityTrace] {
        guard let all = DirectoryEntries.names(of: surroundings.absolute(path)) else {
            throw CommandFailure("\(path) is not a folder that can be read")
        }
        let names = all.filter {
            !$0.hasPrefix(".") && ($0.hasSuffix(".csv") || $0.hasSuffix(".json"))
        }
        guard !names.isEmpty else {
            throw CommandFailure(
                "\(path) holds no trace", advice: "a trace is a file such as us-east-1a.csv")
        }
        guard names.count <= fileLimit else {
            throw CommandFailure("\(path) holds more than \(fileLimit) traces")
        }
        let priced = try prices.map { (file) throws(CommandFailure) in
            try TraceFile.prices(json: try content(file, surroundings), path: file)
        }
        var files: [(zone: String, name: String, file: TraceFile)] = []
        for name in names {
            let shown = "\(path)/\(name)"
            let zone = try zone(of: name, shownAs: shown)
            if let other = files.first(where: { $0.zone == zone }) {
                throw CommandFailure(
                    "\(other.name) and \(name) are both about \(zone)",
                    advice: "keep one trace a zone in a folder")
            }
            var file = try read(shown, surroundings)
            if let own = priced?[stem(name)] {
                try file.adopt(prices: own, from: "\(prices ?? ""): \(stem(name))")
            }
            files.append((zone, name, file))
        }
        let counts = files.contains { $0.file.countsMachines }
        var traces: [AvailabilityTrace] = []
        for (zone, _, file) in files {
            traces.append(try file.trace(of: zone, sense: sense, countsMachines: counts))
        }
        return traces.sorted { $0.zone < $1.zone }
    }

    private static func read(
        _ path: String, _ surroundings: Surroundings
    ) throws(CommandFailure) -> TraceFile {
        let bytes = try content(path, surroundings)
        return path.hasSuffix(".csv")
            ? try TraceFile(csv: bytes, path: path) : try TraceFile(json: bytes, path: path)
    }

    private static func content(
        _ path: String, _ surroundings: Surroundings
    ) throws(CommandFailure) -> [UInt8] {
        let place = surroundings.absolute(path)
        guard let bytes = try LocalText.read(place, limit: TraceFile.sizeLimit) else {
            throw CommandFailure("\(path) does not exist")
        }
        return bytes
    }

    private static func stem(_ name: String) -> String {
        String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)])
    }

    /// `us-east-1a` of `us-east-1a_v100_1.csv`.
    private static func zone(of name: String, shownAs path: String) throws(CommandFailure) -> String
    {
        let zone = String(stem(name).prefix { $0 != "_" })
        let words = zone.split(separator: "-", omittingEmptySubsequences: false)
        let last = words.last ?? ""
        guard words.count >= 3, last.count >= 2, last.last?.isLetter == true,
            last.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            words.dropLast().allSatisfy({ word in
                !word.isEmpty && word.allSatisfy { $0.isASCII && $0.isLowercase }
            })
        else {
            throw CommandFailure(
                "\(path): its name does not begin with a zone",
                advice: "name it after its zone: us-east-1a.csv, or us-east-1a_v100_1.csv")
        }
        return zone
    }
}
