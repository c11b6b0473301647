/// Which modules each target may import: the design's layers, checked in every file.
///
/// The compiler's explicit-import check knows the package's own graph, but neither the system's
/// modules nor that an inner room must stay free of them.
struct ImportRule {
    /// The modules of a target besides the standard library.
    let allowed: [String: Set<String>]

    static let holdfast = ImportRule(allowed: [
        "Training": ["Crypto", "FoundationEssentials"],
        "Planning": ["Training"],
        "Manifests": ["Training", "CLibYAML", "Synchronization"],
        "Reconciliation": ["Training", "Planning", "Checkpoints", "Logging"],
        "Checkpoints": ["Training", "Glibc"],
        "Supervision": [
            "Training", "Checkpoints", "Processes", "Logging", "Glibc", "Synchronization",
        ],
        "Transport": ["CLibCurl", "Glibc", "Synchronization"],
        "GitSource": ["Training", "CLibGit2", "Transport", "Glibc", "Synchronization"],
        "AWS": ["Training", "Transport", "Processes", "Crypto", "Glibc", "Synchronization"],
        "Simulation": [
            "Training", "Planning", "Checkpoints", "Reconciliation", "Supervision", "Logging",
            "Synchronization",
        ],
        "ControlServer": [
            "Training", "Planning", "Reconciliation", "FlyingFox", "FlyingSocks",
            "FoundationEssentials", "Synchronization",
        ],
        "Processes": ["CLinux", "Glibc", "Synchronization"],
        "Local": ["Training", "Processes", "Crypto", "Glibc", "Synchronization"],
        "AWSDouble": [
            "Training", "Simulation", "Processes", "ArgumentParser", "Crypto", "Glibc",
            "Synchronization",
        ],
        "reconcile": [
            "Training", "Planning", "Manifests", "GitSource", "Transport", "Checkpoints",
            "Reconciliation", "Local", "AWS", "Processes", "ControlServer", "Simulation",
            "ArgumentParser", "Logging", "UnixSignals", "Glibc",
            "FoundationEssentials", "Synchronization",
        ],
        "reconcile-agent": [
            "Training", "Checkpoints", "Supervision", "Local", "AWS", "Transport", "Processes",
            "Logging", "UnixSignals", "Glibc", "FoundationEssentials", "Synchronization",
        ],
    ])

    /// `FoundationEssentials` reads clocks and files, so inside an inner room only these may.
    static let foundationFiles: Set<String> = [
        "Sources/Training/Formats/CanonicalJSON.swift",
        "Sources/Training/Timestamp.swift",
    ]

    func violations(in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            imports(of: file).compactMap { line, module in
                complaint(about: module, in: file).map { "\(file.path):\(line): \($0)" }
            }
        }
    }

    private func complaint(about module: String, in file: SourceFile) -> String? {
        if module == "Foundation" {
            return "Foundation is banned: 20 MB, locale data and a second way to do everything"
        }
        guard !file.isTest else { return nil }
        guard let modules = allowed[file.target] else {
            return "\(file.target) is not in the table of ImportRule"
        }
        guard modules.contains(module) else {
            return "\(file.target) must not import \(module)"
        }
        if module == "FoundationEssentials", file.target == "Training",
            !Self.foundationFiles.contains(file.path)
        {
            return "only the formats of Training may import FoundationEssentials"
        }
        return nil
    }

    private func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        SourceFile.lines(file.code).compactMap { number, text in
            let words = text.split(whereSeparator: { $0 == " " || $0 == "." })
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else {
                return nil
            }
            let modifiers: Set<Substring> = [
                "package", "public", "internal", "private", "fileprivate", "@testable",
                "@preconcurrency", "@_exported", "@_implementationOnly",
            ]
            guard words[..<keyword].allSatisfy(modifiers.contains) else { return nil }
            let kinds: Set<Substring> = [
                "struct", "class", "enum", "protocol", "func", "var", "let",
            ]
            let name = words[keyword + 1]
            guard kinds.contains(name), keyword + 2 < words.count else {
                return (number, String(name))
            }
            return (number, String(words[keyword + 2]))
        }
    }
}
