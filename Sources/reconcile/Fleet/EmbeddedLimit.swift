import Manifests
import Training

/// What a manifest asks for that the embedded provider does not have.
enum EmbeddedLimit {
    /// Errors for what a trainer would miss, at most one warning for what it can do without.
    static func diagnostics(of declared: DecodedManifests.DeclaredRun) -> [Diagnostic] {
        let missed = ["file_mounts", "secrets"].compactMap { field -> Diagnostic? in
            let isEmpty =
                field == "secrets"
                ? declared.spec.secrets.isEmpty : declared.spec.fileMounts.isEmpty
            guard !isEmpty else { return nil }
            return Diagnostic(
                at: declared.places[field] ?? declared.location,
                "\(field): the embedded provider cannot honour this, it only works on EC2")
        }
        guard missed.isEmpty else { return missed }
        let unused = unused(declared.spec.resources)
        guard !unused.isEmpty else { return [] }
        return [
            Diagnostic(
                .warning, at: declared.places["resources"] ?? declared.location,
                "resources: the embedded provider gives this machine as it is, whatever "
                    + "\(unused.joined(separator: ", ")) say\(unused.count == 1 ? "s" : "")")
        ]
    }

    /// The fields that choose or shape a machine.
    private static func unused(_ resources: Resources) -> [String] {
        let given: [(name: String, isGiven: Bool)] = [
            ("accelerators", resources.choices.contains { $0.accelerators != nil }),
            ("instance_type", resources.choices.contains { $0.instanceType != nil }),
            ("region", resources.choices.contains { $0.region != nil }),
            ("fallback", resources.fallback != .none),
            ("max_hourly_cost", resources.maxHourlyCost != nil),
            ("disk_size", resources.diskSize != nil),
            ("image_id", resources.image != nil),
            ("labels", !resources.labels.isEmpty),
        ]
        return given.filter(\.isGiven).map { "`\($0.name)`" }
    }
}
