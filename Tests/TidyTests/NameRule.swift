/// One name, one thing: across targets and between a module and a type.
enum NameRule {
    private static let typeKeywords: Set<String> = [
        "struct", "class", "enum", "protocol", "actor", "typealias",
    ]

    /// A type that bears a module's name hides the module (`Planner.Plan` then fails to resolve);
    /// two top-level types of one name in two targets confuse every reader.
    static func doubles(in files: [SourceFile]) -> [String] {
        let sources = files.filter { !$0.isTest }
        let targets = Set(sources.map(\.target))
        var homes: [String: Set<String>] = [:]
        for file in sources {
            for name in topLevelTypes(in: file.code) {
                homes[name, default: []].insert(file.target)
            }
        }
        return homes.keys.sorted().compactMap { name in
            if targets.contains(name) { return "\(name) names a target and a type" }
            let places = homes[name, default: []].sorted()
            return places.count > 1
                ? "\(name) is declared in \(places.joined(separator: ", "))" : nil
        }
    }

    /// Files none of whose names any other file of the package's sources mentions.
    static func dead(in files: [SourceFile]) -> [String] {
        let sources = files.filter { !$0.isTest }
        var mentions: [String: Int] = [:]
        let words = sources.map { Set($0.code.words().map(\.word)) }
        for word in words.joined() { mentions[word, default: 0] += 1 }
        return zip(sources, words).compactMap { file, _ in
            guard file.name != "main.swift", !file.code.contains("@main"),
                !file.code.contains("@_cdecl"), !addsConformance(file.code)
            else { return nil }
            let isUsed = declaredNames(in: file.code).contains { mentions[$0, default: 0] > 1 }
            return isUsed ? nil : "\(file.path): no other file uses anything that it declares"
        }
    }

    /// Names of types that are declared outside any braces and visible outside their file.
    private static func topLevelTypes(in code: String) -> [String] {
        var depth = 0
        return SourceFile.lines(code).compactMap { _, line in
            defer { depth += line.reduce(0) { $0 + ($1 == "{" ? 1 : $1 == "}" ? -1 : 0) } }
            guard depth == 0 else { return nil }
            let words = String(line).words().map(\.word)
            guard let keyword = words.firstIndex(where: typeKeywords.contains),
                keyword + 1 < words.count, !words.contains("private"),
                !words.contains("extension"), !words.contains("import")
            else { return nil }
            return words[keyword + 1]
        }
    }

    private static func declaredNames(in code: String) -> Set<String> {
        let keywords = typeKeywords.union(["func", "var", "let", "case"])
        let words = code.words().map(\.word)
        return Set(zip(words, words.dropFirst()).filter { keywords.contains($0.0) }.map(\.1))
    }

    /// An extension that only adds a conformance is used without its names being written.
    private static func addsConformance(_ code: String) -> Bool {
        SourceFile.lines(code).contains { _, line in
            line.hasPrefix("extension ") && line.contains(":")
        }
    }
}
