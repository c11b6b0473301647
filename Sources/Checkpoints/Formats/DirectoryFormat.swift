import Training

/// The files of a checkpoint by their paths inside it, each looked into already.
struct InspectedFiles: Sendable {
    struct File: Sendable {
        /// Relative to the checkpoint; its name, when the checkpoint is a file itself.
        var path: String
        var bytes: any FileBytes
        var inspection: FileInspection
    }

    /// Sorted by path.
    var files: [File]

    subscript(_ path: String) -> File? { files.first { $0.path == path } }

    func holds(_ path: String) -> Bool { self[path] != nil }

    /// The first file with this last name, however deep.
    func named(_ name: String) -> File? {
        files.first { $0.path == name || $0.path.hasSuffix("/" + name) }
    }
}

/// What makes a directory of each format complete.
enum DirectoryFormat {
    /// The format that a directory shows by its files; nil when it shows none.
    static func recognise(_ paths: [String]) -> CheckpointFormat? {
        let names = Set(paths)
        if paths.contains(where: { $0.hasSuffix("_CHECKPOINT_METADATA") }) { return .orbax }
        if names.contains(".metadata") || paths.contains(where: { $0.hasSuffix(".distcp") }) {
            return .dcp
        }
        if names.contains("random_states_0.pkl") { return .accelerate }
        let trainer = ["trainer_state.json", "training_args.bin", "optimizer.pt"]
        return trainer.count { names.contains($0) } >= 2 ? .hf : nil
    }

    /// Throws what is missing or contradicts itself; the step that stands inside, if one does.
    static func check(
        _ format: CheckpointFormat, _ files: InspectedFiles, at path: String
    ) throws(FormatFlaw) -> Int? {
        switch format {
        case .hf: return try huggingFace(files)
        case .accelerate: return try accelerate(files)
        case .dcp: try distributed(files)
        case .orbax: try orbax(files, at: path)
        case .auto, .torch, .safetensors, .npz, .files: break
        }
        return nil
    }

    // MARK: Hugging Face

    private static let models = [
        "model.safetensors", "pytorch_model.bin", "adapter_model.safetensors",
        "adapter_model.bin",
    ]

    private static func huggingFace(_ files: InspectedFiles) throws(FormatFlaw) -> Int? {
        if files.holds("checkpoint-is-incomplete.txt") {
            throw .incomplete("its trainer says so in checkpoint-is-incomplete.txt")
        }
        // The last that the trainer writes.
        guard let state = files["trainer_state.json"] else {
            throw .incomplete("it has no trainer_state.json")
        }
        let step = try number("global_step", in: state)
        try model(files)
        // DeepSpeed and FSDP keep the optimizer in folders of their own.
        let isSharded = files.files.contains {
            $0.path.hasPrefix("global_step") || $0.path.hasPrefix("optimizer_")
        }
        let needed = isSharded ? ["scheduler.pt"] : ["optimizer.pt", "scheduler.pt"]
        for name in needed where !files.holds(name) {
            throw .incomplete("it has no \(name): a resume would begin with a fresh one")
        }
        let hasRandomness = files.files.contains {
            $0.path.hasPrefix("rng_state") && $0.path.hasSuffix(".pth")
        }
        guard hasRandomness else { throw .incomplete("it has no rng_state") }
        return step
    }

    private static func model(_ files: InspectedFiles) throws(FormatFlaw) {
        if models.contains(where: files.holds) { return }
        for name in models {
            guard let index = files[name + ".index.json"] else { continue }
            return try shards(index, files)
        }
        if files.files.contains(where: { $0.path.hasPrefix("pytorch_model_fsdp") }) { return }
        throw .incomplete("it has no \(models[0])")
    }

    /// Every file that a sharded model's index names is there, and their tensors add up.
    private static func shards(
        _ index: InspectedFiles.File, _ files: InspectedFiles
    ) throws(FormatFlaw) {
        var total: Int?
        var names: Set<String> = []
        try members(of: index) { key, scanner throws(FormatFlaw) in
            switch key {
            case "metadata":
                try scanner.object { key, scanner throws(FormatFlaw) in
                    guard key == "total_size", scanner.isAtNumber() else {
                        return try scanner.skip()
                    }
                    total = try scanner.integer()
                }
            case "weight_map":
                try scanner.object { _, scanner throws(FormatFlaw) in
                    names.insert(try scanner.string())
                }
            default: try scanner.skip()
            }
        }
        guard !names.isEmpty else { throw .damaged("\(index.path) names no file") }
        var sum = 0
        for name in names.sorted() {
            guard let file = files[name] else {
                throw .incomplete("its shard \(FormatFlaw.shown(name)) is missing")
            }
            guard case .safetensors(let bytes) = file.inspection.form else { return }
            sum += bytes
        }
        guard let total, total != sum else { return }
        throw .damaged("its shards hold \(sum) bytes of tensors, \(index.path) says \(total)")
    }

    // MARK: Accelerate

    private static func accelerate(_ files: InspectedFiles) throws(FormatFlaw) -> Int? {
        let hasModel = files.files.contains {
            $0.path.hasPrefix("model") || $0.path.hasPrefix("pytorch_model")
        }
        guard hasModel else { throw .incomplete("it has no model.safetensors") }
        let hasOptimizer = files.files.contains {
            $0.path.hasPrefix("optimizer") || $0.path.hasPrefix("pytorch_model/")
        }
        guard hasOptimizer else { throw .incomplete("it has no optimizer.bin") }
        let states = files.files.filter {
            $0.path.hasPrefix("random_states_") && $0.path.hasSuffix(".pkl")
        }
        guard !states.isEmpty else { throw .incomplete("it has no random_states_0.pkl") }
        for rank in states.indices where !files.holds("random_states_\(rank).pkl") {
            throw .incomplete("random_states_\(rank).pkl is missing")
        }
        return try files["train_state.json"].flatMap { file throws(FormatFlaw) in
            try number("current_step", in: file)
        }
    }

    // MARK: Distributed

    private static func distributed(_ files: InspectedFiles) throws(FormatFlaw) {
        // Renamed to its place when every rank has written.
        guard let plan = files[".metadata"], plan.bytes.size > 0 else {
            throw .incomplete("it has no .metadata")
        }
        let shards = files.files.filter { $0.path.hasSuffix(".distcp") }
        guard !shards.isEmpty else { throw .incomplete("it has no .distcp file") }
        for shard in shards where try !ZipDirectory.ends(shard.bytes) {
            throw .incomplete("\(shard.path): the zip directory at its end is missing")
        }
    }

    private static func orbax(
        _ files: InspectedFiles, at path: String
    ) throws(FormatFlaw) {
        if path.contains(".orbax-checkpoint-tmp") {
            throw .incomplete("its name says that it is being written")
        }
        guard let metadata = files.named("_CHECKPOINT_METADATA"),
            try number("commit_timestamp_nsecs", in: metadata) ?? 0 > 0
        else { throw .incomplete("its _CHECKPOINT_METADATA has no time of commit") }
        for name in ["_METADATA", "_sharding"] {
            if let file = files.named(name) { try members(of: file) }
        }
        guard let manifest = files.named("manifest.ocdbt"), manifest.bytes.size > 0 else {
            throw .incomplete("it has no manifest.ocdbt")
        }
    }

    // MARK: JSON files

    private static let jsonLimit = 256 << 20

    private static func members(
        of file: InspectedFiles.File,
        _ member: (String, inout JSONScanner) throws(FormatFlaw) -> Void = {
            _, scanner throws(FormatFlaw) in try scanner.skip()
        }
    ) throws(FormatFlaw) {
        guard file.bytes.size <= jsonLimit else {
            throw .damaged("\(file.path): it is no JSON of \(file.bytes.size) bytes")
        }
        do throws(FormatFlaw) {
            var scanner = JSONScanner(try file.bytes.bytes(file.bytes.size, at: 0).bytes)
            try scanner.object(member)
            try scanner.end()
        } catch {
            throw error.of(file.path)
        }
    }

    private static func number(
        _ name: String, in file: InspectedFiles.File
    ) throws(FormatFlaw) -> Int? {
        var found: Int?
        try members(of: file) { key, scanner throws(FormatFlaw) in
            guard key == name, scanner.isAtNumber() else { return try scanner.skip() }
            found = try scanner.integer()
        }
        return found
    }
}
