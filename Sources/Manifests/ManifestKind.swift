/// What a document declares.
enum ManifestKind {
    case training
    case policy
    case profile

    /// By the document's `kind`; nil when it is unknown or not supported yet, which is reported.
    init?(of root: Node, _ findings: inout Findings) {
        guard let node = root["kind"], !node.isNull else {
            self = .training
            return
        }
        let type = ValueType.word(["training", "policy", "profile"], later: ["sweep"])
        switch findings.within("kind", { type.read(node, &$0) }) {
        case "training": self = .training
        case "policy": self = .policy
        case "profile": self = .profile
        default: return nil
        }
    }
}
