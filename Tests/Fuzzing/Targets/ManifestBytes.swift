import Checkpoints
import Training

@testable import Manifests

extension FuzzTarget {
    /// A manifest file, from its bytes to specs and diagnostics.
    static let manifests = FuzzTarget(
        "manifests", longest: 4096, samples: ["ManifestsTests/Good", "ManifestsTests/Bad"]
    ) { bytes in
        let documents = ManifestDocuments.parse(bytes)
        for finding in documents.findings {
            let position = finding.position
            try require(
                (1...bytes.lineCount).contains(position.line)
                    && (1...(bytes.count + 2)).contains(position.column),
                "a finding stands outside of the file")
            try requireClean(finding.message)
        }
        let decoded = ManifestDecoder.merge([(path: "a.yaml", documents: documents)])
        for run in decoded.runs {
            try require(!decoded.brokenNames.contains(run.spec.name), "a broken run is taken")
            try requireUsable(run.spec)
        }
        for profile in decoded.profiles.values { try requireStorable(profile, "profile") }
        try requireDoublesRefused(documents)
        try requireMarkIgnored(bytes, documents)
    }

    /// What a manifest declares can be stored, and the agent can do it.
    private static func requireUsable(_ spec: RunSpec) throws {
        try requireStorable(spec, "spec")
        try requireStorable(spec.forAgent, "spec for the agent")
        let paths = [spec.workdir, spec.checkpoint?.path, spec.completion.file].compactMap(\.self)
        for path in paths + spec.fileMounts.map(\.path) {
            let parts = path.utf8.split(separator: UInt8(ascii: "/"))
            try require(
                !parts.contains { $0.elementsEqual("..".utf8) }, "a path leaves its folder")
        }
        guard let policy = spec.checkpoint else { return }
        do {
            _ = try CandidateScanner(directory: "/nowhere", policy: policy)
        } catch {
            throw BrokenProperty("the agent refuses what is declared: \(error)")
        }
    }

    /// The same names in two files: neither is taken, and the scope is in doubt.
    private static func requireDoublesRefused(_ documents: ManifestDocuments) throws {
        let doubled = ManifestDecoder.merge([
            (path: "a.yaml", documents: documents), (path: "b.yaml", documents: documents),
        ])
        try require(doubled.runs.isEmpty, "of two documents of one name one is taken")
        let names = Set(documents.runs.map(\.value.name))
        try require(
            names.isSubset(of: doubled.brokenNames), "a doubled name is not known as broken")
        if !documents.policies.isEmpty {
            try require(doubled.policy == .unreadable, "of two policies one is taken")
        }
    }

    private static func requireMarkIgnored(
        _ bytes: [UInt8], _ documents: ManifestDocuments
    ) throws {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let marked = ManifestDocuments.parse([0xEF, 0xBB, 0xBF] + bytes)
        try require(
            marked.findings == documents.findings
                && marked.runs.map(\.value) == documents.runs.map(\.value),
            "a byte order mark changes what a file says")
    }
}
