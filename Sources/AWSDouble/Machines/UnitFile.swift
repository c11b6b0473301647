import Training

/// The parts of a systemd service unit that the double honours (systemd.service(5)).
struct UnitFile: Hashable, Sendable {
    enum Restart: String, Sendable {
        case no
        case onFailure = "on-failure"
        case always
    }

    var command: [String] = []
    var environment: [String: String] = [:]
    var directory: String?
    var restart = Restart.no
    var restartDelay = Duration.milliseconds(100)
    var stopLimit = Duration.seconds(90)
    /// The stop signal goes to the main process only (`KillMode=mixed`), not to all of the unit.
    var stopsMainOnly = false
    var wantedBy: [String] = []
    /// So many starts within `startInterval`, and the unit has failed for good.
    var startBurst = 5
    var startInterval = Duration.seconds(10)
    /// Lines that mean nothing here; systemd warns of unknown ones and goes on, and so do we.
    var ignored: [String] = []

    /// What has no effect on a machine of the double and needs no mention.
    static let harmless: Set<String> = [
        "[Unit] Description", "[Unit] Documentation", "[Unit] After", "[Unit] Wants",
        "[Unit] Requires", "[Unit] Before", "[Service] OOMPolicy", "[Service] Delegate",
        "[Service] LimitNOFILE", "[Service] StandardOutput", "[Service] StandardError",
        "[Service] SyslogIdentifier", "[Service] LimitMEMLOCK", "[Service] TasksMax",
    ]

    /// Why a unit cannot be used.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    init(_ text: String) throws(Malformed) {
        var section = ""
        for line in UnitFile.joined(text) {
            if line.hasPrefix("[") {
                section = line
                continue
            }
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw Malformed(description: "not an assignment: \(line)")
            }
            let value = WireRequest.trimmed(pair[1])
            try set(WireRequest.trimmed(pair[0]), in: section, to: value)
        }
        guard !command.isEmpty else { throw Malformed(description: "there is no ExecStart") }
        guard command[0].hasPrefix("/") else {
            throw Malformed(description: "ExecStart is not an absolute path: \(command[0])")
        }
    }

    private mutating func set(
        _ name: String, in section: String, to value: String
    ) throws(Malformed) {
        switch (section, name) {
        case ("[Service]", "ExecStart"):
            guard command.isEmpty else { throw Malformed(description: "a second ExecStart") }
            command = UnitFile.words(value)
        case ("[Service]", "Environment"):
            for word in UnitFile.words(value) {
                let pair = word.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                environment[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
            }
        case ("[Service]", "EnvironmentFile"):
            throw Malformed(description: "EnvironmentFile is not modelled")
        case ("[Service]", "WorkingDirectory"): directory = value
        case ("[Service]", "Restart"):
            guard let known = Restart(rawValue: value) else {
                throw Malformed(description: "Restart=\(value) is not modelled")
            }
            restart = known
        case ("[Service]", "RestartSec"): restartDelay = try UnitFile.span(value)
        case ("[Service]", "TimeoutStopSec"): stopLimit = try UnitFile.span(value)
        case ("[Service]", "KillMode"):
            guard value == "mixed" || value == "control-group" else {
                throw Malformed(description: "KillMode=\(value) is not modelled")
            }
            stopsMainOnly = value == "mixed"
        case ("[Service]", "Type"):
            guard ["simple", "exec"].contains(value) else {
                throw Malformed(description: "Type=\(value) is not modelled")
            }
        case ("[Unit]", "StartLimitIntervalSec"): startInterval = try UnitFile.span(value)
        case ("[Unit]", "StartLimitBurst"): startBurst = Int(value) ?? startBurst
        case ("[Install]", "WantedBy"): wantedBy = UnitFile.words(value)
        default: ignored.append("\(section) \(name)")
        }
    }

    /// Lines without comments and blank ones; one that ends in a backslash goes on.
    private static func joined(_ text: String) -> [String] {
        var lines: [String] = []
        var isOpen = false
        for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = WireRequest.trimmed(raw)
            if !isOpen, line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            let goesOn = line.hasSuffix("\\")
            let content = goesOn ? String(line.dropLast()) : line
            if isOpen, let last = lines.popLast() {
                lines.append(last + " " + content)
            } else {
                lines.append(content)
            }
            isOpen = goesOn
        }
        return lines
    }

    /// Words as systemd splits them: by spaces, with double and single quotes.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + [character] }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character == " " || character == "\t" {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + [character]
            }
        }
        if let word { words.append(word) }
        return words
    }

    /// `5`, `5s`, `500ms`, `2min`; systemd's other units are not modelled.
    private static func span(_ text: String) throws(Malformed) -> Duration {
        if let seconds = Int(text) { return .seconds(seconds) }
        let units: [(String, Duration)] = [
            ("ms", .milliseconds(1)), ("min", .seconds(60)), ("s", .seconds(1)),
        ]
        for (suffix, unit) in units where text.hasSuffix(suffix) {
            if let count = Int(text.dropLast(suffix.count)) { return unit * count }
        }
        throw Malformed(description: "a span of time that is not modelled: \(text)")
    }
}
