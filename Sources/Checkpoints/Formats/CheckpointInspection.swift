package import Training

/// What a look into a checkpoint found, short of reading all its bytes.
package struct CheckpointInspection: Sendable {
    /// As declared, or as recognised.
    package var format: CheckpointFormat
    /// The step that stands inside, where the format keeps one that can be read.
    package var step: Int?
    /// By path inside the checkpoint: what reading every byte can still prove.
    package var sums: [String: RecordSums] = [:]
    /// The paths inside whose records must be unpacked to be proved.
    package var compressed: Set<String> = []

    /// A file of a checkpoint; `path` is relative to the checkpoint, or its name when it is a file
    /// itself.
    package struct File: Sendable {
        package var path: String
        package var bytes: any FileBytes

        package init(path: String, bytes: any FileBytes) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// Looks into the files of the checkpoint at `path`; throws the first thing that speaks against
    /// it.
    ///
    /// `declared` nil is `auto`. A step in the name must be the one inside, for formats that name
    /// their directories by it (kohya begins at 0 again after a resume).
    package static func inspect(
        _ files: [File], at path: String, as declared: CheckpointFormat?, step named: Int?
    ) throws(FormatFlaw) -> CheckpointInspection {
        if declared == .files { return CheckpointInspection(format: .files) }
        let files = files.sorted { $0.path < $1.path }
        var inspected: [InspectedFiles.File] = []
        for file in files {
            do throws(FormatFlaw) {
                let inspection = try form(of: file, in: declared)
                inspected.append(
                    InspectedFiles.File(
                        path: file.path, bytes: file.bytes, inspection: inspection))
            } catch {
                throw files.count == 1 ? error : error.of(file.path)
            }
        }
        let format = try recognised(declared, inspected)
        let step = try DirectoryFormat.check(format, InspectedFiles(files: inspected), at: path)
        if format == .hf, let step, let named, step != named {
            throw FormatFlaw(.step, "it holds step \(step), and its name says \(named)")
        }
        var found = CheckpointInspection(format: format, step: step)
        for file in inspected {
            found.sums[file.path] = file.inspection.sums
            if file.inspection.isCompressed { found.compressed.insert(file.path) }
        }
        return found
    }

    /// A shard of a distributed checkpoint is several archives behind each other.
    private static func form(
        of file: File, in declared: CheckpointFormat?
    ) throws(FormatFlaw) -> FileInspection {
        if file.path.hasSuffix(".distcp") { return FileInspection(form: .plain) }
        return try FileInspection.inspect(file.bytes, path: file.path)
    }

    private static func recognised(
        _ declared: CheckpointFormat?, _ files: [InspectedFiles.File]
    ) throws(FormatFlaw) -> CheckpointFormat {
        let forms = files.map(\.inspection.form)
        switch declared {
        case .torch where !forms.contains(.torch) && !forms.contains(.pickle):
            throw .damaged("it is not what torch.save writes")
        case .safetensors where !forms.contains(where: \.isSafetensors):
            throw .damaged("it is no safetensors file")
        case .npz where !forms.contains(.numpy):
            throw .damaged("it is no NumPy file")
        case let declared? where declared != .auto: return declared
        default: break
        }
        if let format = DirectoryFormat.recognise(files.map(\.path)) { return format }
        guard files.count == 1, let form = forms.first else { return .files }
        switch form {
        case .torch, .pickle: return .torch
        case .safetensors: return .safetensors
        case .numpy: return .npz
        case .archive, .plain: return .files
        }
    }
}

extension FileInspection.Form {
    fileprivate var isSafetensors: Bool {
        if case .safetensors = self { true } else { false }
    }
}
