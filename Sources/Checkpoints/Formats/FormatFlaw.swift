/// What speaks against a checkpoint, or against one of its files, by its format.
package struct FormatFlaw: Error, Hashable, Sendable {
    /// Three questions with three answers.
    package enum Question: Hashable, Sendable {
        /// Something that belongs to it is not there, or not yet.
        case complete
        /// What is there contradicts itself.
        case intact
        /// It holds another step than its name says.
        case step
        /// It could not be read, which says nothing about it.
        case readable
    }

    package var question: Question
    /// For people, without the file's name.
    package var detail: String

    package init(_ question: Question, _ detail: String) {
        self.question = question
        self.detail = detail
    }

    static func incomplete(_ detail: String) -> FormatFlaw { FormatFlaw(.complete, detail) }
    static func damaged(_ detail: String) -> FormatFlaw { FormatFlaw(.intact, detail) }

    /// A name from a file's content, as it may stand in a message.
    static func shown(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(80).map { isControl($0) ? "?" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    static func isPrintable(_ name: String) -> Bool {
        !name.unicodeScalars.contains(where: isControl)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// The same, said of a file of a checkpoint.
    func of(_ path: String) -> FormatFlaw { FormatFlaw(question, "\(path): \(detail)") }
}

extension FormatFlaw: CustomStringConvertible {
    package var description: String {
        switch question {
        case .complete: "incomplete: \(detail)"
        case .intact: "damaged: \(detail)"
        case .step: "another step: \(detail)"
        case .readable: "cannot be read: \(detail)"
        }
    }
}
