import Glibc
import Synchronization
import Training

/// Where text for people and documents for machines leave the program: nothing else writes.
///
/// Everything passes through `Masking`, so that no credential of the environment can show.
final class Output: Sendable {
    enum Channel: Sendable {
        case standard
        case error
    }

    enum Format: String, Sendable, CaseIterable {
        case text
        case wide
        case json
    }

    /// How one invocation speaks; set once its options are known.
    struct Manner: Sendable {
        var format = Format.text
        var terminal = Terminal.none
        var isColourWanted = true

        /// For what goes to `channel`.
        func style(_ channel: Channel) -> TextStyle {
            let isTerminal = channel == .standard ? terminal.width != nil : terminal.showsErrors
            return TextStyle(
                isColoured: isColourWanted && isTerminal,
                width: channel == .standard ? terminal.width : nil, isWide: format == .wide)
        }
    }

    private let masking: Masking
    private let manner: Mutex<Manner>
    private let sink: @Sendable (Channel, [UInt8]) -> Void

    /// Writes to `sink`, or to the process's own standard output and error.
    init(
        masking: Masking, manner: Manner = Manner(),
        sink: @escaping @Sendable (Channel, [UInt8]) -> Void = Output.writeToProcess
    ) {
        self.masking = masking
        self.manner = Mutex(manner)
        self.sink = sink
    }

    var format: Format { manner.withLock { $0.format } }

    func adopt(format: Format, isColourWanted: Bool) {
        manner.withLock {
            $0.format = format
            $0.isColourWanted = $0.isColourWanted && isColourWanted
        }
    }

    /// Shows a value in the form that was asked for.
    func show(_ view: some View) {
        let manner = manner.withLock { $0 }
        switch manner.format {
        case .text, .wide: write(.standard, lines: view.text(manner.style(.standard)))
        case .json: write(.standard, lines: Self.document(of: view, pretty: true))
        }
    }

    /// Shows one of many values that follow each other: JSON stands on one line each.
    func showNext(_ view: some View) {
        let manner = manner.withLock { $0 }
        switch manner.format {
        case .text, .wide: write(.standard, lines: view.text(manner.style(.standard)))
        case .json: write(.standard, lines: Self.document(of: view, pretty: false))
        }
    }

    /// Bytes as they are: a run's own log.
    func pass(_ bytes: [UInt8]) {
        sink(.standard, bytes)
    }

    /// Lines as they are, for help and scripts.
    func line(_ text: String, to channel: Channel = .standard) {
        write(channel, lines: text)
    }

    func note(_ text: String) {
        write(.error, lines: Plain.text(text))
    }

    func warn(_ text: String) {
        let style = manner.withLock { $0 }.style(.error)
        write(.error, lines: style.paint("warning: ", .yellow) + Plain.text(text))
    }

    func fail(_ failure: CommandFailure) {
        let style = manner.withLock { $0 }.style(.error)
        var text = style.paint("error: ", .red) + Plain.text(failure.message)
        if let advice = failure.advice { text += "\n  " + Plain.text(advice) }
        write(.error, lines: text)
    }

    func show(_ diagnostics: [Diagnostic]) {
        let style = manner.withLock { $0 }.style(.error)
        for diagnostic in diagnostics {
            let place = diagnostic.location.map { "\($0): " } ?? ""
            let severity = style.paint(
                "\(diagnostic.severity.rawValue): ",
                diagnostic.severity == .error ? .red : .yellow)
            write(.error, lines: Plain.text(place) + severity + Plain.text(diagnostic.message))
        }
    }

    private static func document(of view: some View, pretty: Bool) -> String {
        String(decoding: CanonicalJSON.encode(view.document, pretty: pretty), as: UTF8.self)
    }

    private func write(_ channel: Channel, lines text: String) {
        guard !text.isEmpty else { return }
        sink(channel, Array((masking.masked(text) + "\n").utf8))
    }

    /// Writes all, or gives up when the reader is gone: there is no one left to tell.
    static func writeToProcess(_ channel: Channel, _ bytes: [UInt8]) {
        let descriptor: Int32 = channel == .standard ? 1 : 2
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
