/// What `reconcile init aws` wrote, and what to do with it.
struct SetupView: View {
    struct Row: Encodable, Sendable {
        var path: String
        /// False: it was there already and was left as it is.
        var isNew: Bool
        var purpose: String
    }

    var files: [Row]
    var bucket: String
    /// Whether the bucket was made; nil: that was not asked.
    var made: Bool?
    var steps: [String]

    struct Document: Encodable {
        var kind = "Setup"
        var version = 1
        var files: [Row]
        var bucketMade: Bool?
        var steps: [String]
    }

    var document: Document { Document(files: files, bucketMade: made, steps: steps) }

    func text(_ style: TextStyle) -> String {
        let table = Table(
            header: [],
            rows: files.map { file in
                [
                    Table.Cell(file.isNew ? "+" : "=", file.isNew ? .green : nil),
                    Table.Cell(file.path),
                    Table.Cell(file.isNew ? file.purpose : "was there, left as it is"),
                ]
            }, wraps: true)
        var parts = [table.text(style)]
        if let made {
            parts.append("The bucket \(bucket) \(made ? "is made." : "was there already.")")
        }
        parts.append(
            style.paint("Review the files, then give AWS what it needs:", .bold) + "\n"
                + steps.map { "  \($0)" }.joined(separator: "\n"))
        parts.append("Then commit the manifests, and: reconcile doctor --provider ec2")
        return parts.joined(separator: "\n\n")
    }
}
