import Training

/// Manifest files to what they desire.
package enum ManifestDecoder {
    /// Reads and merges; for callers that keep no cache of parsed blobs.
    ///
    /// `isWhole` is false when only some files of a repository are looked at: then a profile that
    /// a run names may well be in another one.
    package static func decode(
        files: [(path: String, bytes: [UInt8])], isWhole: Bool = true
    ) -> DecodedManifests {
        merge(
            files.map { (path: $0.path, documents: ManifestDocuments.parse($0.bytes)) },
            isWhole: isWhole)
    }

    /// The documents of all files as one.
    ///
    /// Linear in their number; the order of the files does not matter.
    package static func merge(
        _ files: [(path: String, documents: ManifestDocuments)], isWhole: Bool = true
    ) -> DecodedManifests {
        var merger = Merger()
        for file in files.sorted(by: { $0.path < $1.path }) {
            merger.add(file.documents, path: file.path)
        }
        return merger.finish(isWhole: isWhole)
    }
}

private struct Merger {
    private var decoded = DecodedManifests()
    private var runs: [DecodedManifests.DeclaredRun] = []
    private var broken: Set<RunName> = []
    /// Where each name stands first.
    private var names: [RunName: SourceLocation] = [:]
    private var policy: (value: ScopePolicy, location: SourceLocation)?
    private var isPolicyUnreadable = false
    private var profiles = DeclaredProfiles()

    mutating func add(_ documents: ManifestDocuments, path: String) {
        func location(_ position: Position) -> SourceLocation {
            SourceLocation(file: path, line: position.line, column: position.column)
        }
        for finding in documents.findings {
            decoded.diagnostics.append(
                Diagnostic(at: location(finding.position), finding.message))
        }
        for run in documents.runs {
            let place = location(run.position)
            claim(run.value.name, at: place)
            runs.append(
                DecodedManifests.DeclaredRun(
                    spec: run.value, location: place, places: run.places.mapValues(location)))
        }
        for profile in documents.profiles {
            let place = location(profile.position)
            let twin = profiles.add(profile.value.name, profile.value, at: place)
            if let twin { decoded.diagnostics.append(twin) }
        }
        for profile in documents.brokenProfiles {
            let twin = profiles.add(profile.value, nil, at: location(profile.position))
            if let twin { decoded.diagnostics.append(twin) }
        }
        for name in documents.brokenNames {
            broken.insert(name.value)
            claim(name.value, at: location(name.position))
        }
        isPolicyUnreadable = isPolicyUnreadable || documents.hidesPolicy
        for declared in documents.policies {
            let place = location(declared.position)
            if let first = policy?.location {
                isPolicyUnreadable = true
                decoded.diagnostics.append(
                    Diagnostic(at: place, "a second policy; the first one is at \(first)"))
            } else {
                policy = (declared.value, place)
            }
        }
    }

    /// Two documents of one name: neither is taken, since nobody can say which one is meant.
    private mutating func claim(_ name: RunName, at place: SourceLocation) {
        guard let first = names[name] else {
            names[name] = place
            return
        }
        broken.insert(name)
        let (earlier, later) = first < place ? (first, place) : (place, first)
        names[name] = earlier
        decoded.diagnostics.append(
            Diagnostic(at: later, "name: a run `\(name)` stands at \(earlier) already"))
    }

    /// Sorted through their indices: a run is large, and sorting copies.
    private func soundRuns() -> [DecodedManifests.DeclaredRun] {
        let names = runs.map(\.spec.name)
        let order = names.indices.filter { !broken.contains(names[$0]) }
        return order.sorted { names[$0] < names[$1] }.map { runs[$0] }
    }

    /// Refuses the runs whose profile cannot be had.
    private mutating func checkProfiles(isWhole: Bool) {
        let isIncomplete = decoded.isIncomplete
        for run in runs {
            let problem = profiles.problem(of: run.spec, isIncomplete: isIncomplete)
            guard let problem, isWhole || problem.isCertain else { continue }
            broken.insert(run.spec.name)
            decoded.diagnostics.append(
                Diagnostic(at: run.places["profile"] ?? run.location, problem.message))
        }
    }

    consuming func finish(isWhole: Bool) -> DecodedManifests {
        checkProfiles(isWhole: isWhole)
        decoded.profiles = profiles.sound
        decoded.runs = soundRuns()
        decoded.brokenNames = broken.sorted()
        decoded.diagnostics.sort {
            guard let a = $0.location, let b = $1.location, a != b else {
                return $0.message < $1.message
            }
            return a < b
        }
        if isPolicyUnreadable {
            decoded.policy = .unreadable
        } else if let policy {
            decoded.policy = .declared(policy.value)
        }
        return decoded
    }
}
