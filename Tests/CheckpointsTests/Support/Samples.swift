import TestSupport
import Testing
import Training

@testable import Checkpoints

/// Checkpoints that real libraries wrote (`Samples/make.py`).
enum Sample {
    static func read(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return try #require(LocalFile.read("/\(folder)/Samples/\(name)"), "no sample \(name)")
    }
}

/// What a look into these files says: what they are, or what speaks against them.
func look(
    _ files: [String: [UInt8]], at path: String = "ckpt", as format: CheckpointFormat? = nil,
    step: Int? = nil
) -> Result<CheckpointInspection, FormatFlaw> {
    let files = files.map { CheckpointInspection.File(path: $0, bytes: HeldBytes($1)) }
    do throws(FormatFlaw) {
        return .success(try .inspect(files, at: path, as: format, step: step))
    } catch {
        return .failure(error)
    }
}

/// The same, every byte read.
func verdict(
    _ files: [String: [UInt8]], at path: String = "ckpt", as format: CheckpointFormat? = nil,
    step: Int? = nil
) -> String {
    switch look(files, at: path, as: format, step: step) {
    case .failure(let flaw): return "\(flaw)"
    case .success(let inspection):
        var words = ["\(inspection.format)"]
        if let step = inspection.step { words.append("step \(step)") }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            if inspection.compressed.contains(path) {
                do throws(FormatFlaw) {
                    try FileInspection.prove(compressedIn: HeldBytes(bytes))
                    words.append("unpacked")
                } catch {
                    return "\(error)"
                }
            }
            switch FileProof(of: bytes, proving: inspection.sums[path]).records {
            case nil: break
            case .proved?: words.append("proved")
            case .none?: words.append("no sums")
            case .broken(let names)?: return "broken: \(names.joined(separator: " "))"
            }
        }
        return words.joined(separator: ", ")
    }
}
