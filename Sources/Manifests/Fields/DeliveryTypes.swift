import Training

extension ValueType<[String: SecretReference]> {
    /// Environment variables whose values are resolved on the machine.
    ///
    /// A value that is written here is a secret in Git: no message repeats it.
    static let secrets = ValueType(
        summary: "mapping of `ssm:/…`",
        schema: [
            "type": "object",
            "additionalProperties": [
                "type": "string", "pattern": "^ssm:(/[A-Za-z0-9_.-]+)+$", "maxLength": 1015,
            ],
            "propertyNames": .variableName,
        ]
    ) { node, findings in
        entries(of: node, &findings) { entry, findings in
            guard isFreeVariable(entry, &findings) else { return nil }
            guard let text = entry.value.string,
                text.wholeMatch(of: /ssm:(\/[A-Za-z0-9_.\-]+)+/) != nil,
                let reference = SecretReference(text)
            else {
                findings.report(
                    entry.value.isNull
                        ? "no value comes from the command line here: store it in SSM Parameter "
                            + "Store and name it, like ssm:/research/wandb"
                        : "expected the name of a parameter in SSM Parameter Store, like "
                            + "ssm:/research/wandb; the value itself never stands in Git",
                    at: entry.value.position)
                return nil
            }
            return reference
        }
    } show: { _ in
        nil
    }
}

extension ValueType<S3Location> {
    static let s3Location = ValueType.strings(
        "`s3://BUCKET/PREFIX`",
        schema: ["type": "string", "pattern": "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$"]
    ) { text, position, findings in
        let location = S3Location(text)
        if location == nil {
            findings.report("expected a bucket and a prefix, like s3://bucket/set", at: position)
        }
        return location
    } show: {
        .string($0.description)
    }
}

extension ValueType<[FileMount]> {
    /// Folders of a machine that are filled from S3, by path.
    static let fileMounts = ValueType(
        summary: "mapping of absolute paths to `s3://BUCKET/PREFIX`",
        schema: [
            "type": "object", "maxProperties": .integer(mountLimit),
            "additionalProperties": [
                "anyOf": [
                    ValueType<S3Location>.s3Location.schema,
                    [
                        "type": "object", "additionalProperties": false,
                        "required": ["source", "mode"],
                        "properties": [
                            "source": ValueType<S3Location>.s3Location.schema,
                            "mode": ["const": "COPY"],
                        ],
                    ],
                ]
            ],
            "propertyNames": ["pattern": "^/."],
        ]
    ) { node, findings in
        let before = findings.count
        let sources: [String: FileMount]? = entries(of: node, &findings) { entry, findings in
            guard let path = MountPath.checked(entry.key, at: entry.keyPosition, &findings) else {
                return nil
            }
            return source(of: entry.value, &findings).map { FileMount(path: path, source: $0) }
        }
        guard let sources else { return nil }
        let mounts = sources.values.sorted { $0.path < $1.path }
        for (outer, inner) in zip(mounts, mounts.dropFirst())
        where "\(inner.path)/".hasPrefix("\(outer.path)/") {
            findings.report("one of the paths lies within another", at: node.position)
        }
        if mounts.count > mountLimit {
            findings.report("at most \(mountLimit) paths", at: node.position)
        }
        return findings.count == before ? mounts : nil
    } show: { _ in
        nil
    }

    private static func source(of node: Node, _ findings: inout Findings) -> S3Location? {
        guard case .mapping = node.content else {
            if let text = node.string, !text.hasPrefix("s3://") {
                findings.report(
                    text.contains("://")
                        ? "only S3 is supported: s3://bucket/set"
                        : "nothing is copied from the machine that `reconcile` runs on: put the "
                            + "files into the `workdir`, or into a bucket as s3://bucket/set",
                    at: node.position)
                return nil
            }
            return ValueType<S3Location>.s3Location.read(node, &findings)
        }
        return MountSource.table.read(node, &findings)?.source
    }
}

private let mountLimit = 50

/// The mapping form of a mount.
private struct MountSource: Sendable {
    var source: S3Location?

    static let table = FieldTable(
        blank: MountSource(),
        [
            .optional("source", \.source, .s3Location, "What is fetched."),
            .fixed("mode", .word(["COPY"]), is: "COPY", "How."),
        ],
        rules: [
            { mount, node, findings in
                if mount.source == nil {
                    findings.report("the field `source` is missing", at: node.position)
                }
                // Left out, SkyPilot's own standard would be a live mount.
                if node["mode"]?.isNull ?? true {
                    findings.report(
                        "the files are copied, nothing is mounted: say `mode: COPY`",
                        at: node.position)
                }
            }
        ])
}

/// Where on a machine files may be put.
private enum MountPath {
    /// With everything below them.
    private static let system = [
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "root", "run",
        "sbin", "sys", "usr", "var",
    ]
    /// Others live in them, too; a folder below may be taken.
    private static let shared = ["home", "media", "mnt", "opt", "srv", "tmp"]

    static func checked(
        _ text: String, at position: Position, _ findings: inout Findings
    ) -> String? {
        func refuse(_ reason: String) -> String? {
            findings.report(reason, at: position)
            return nil
        }
        guard text.hasPrefix("/") else {
            return refuse("the path on the machine is absolute, like /data")
        }
        guard text.utf8.count <= 1024,
            !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
        else { return refuse("a path has at most 1024 bytes, and no control characters") }
        let parts = text.pathNames.filter { $0 != "." }
        if parts.contains("..") { return refuse("a path cannot go up with `..`") }
        guard let first = parts.first else {
            return refuse("the root folder is the system's; name a folder like /data")
        }
        if system.contains(first) { return refuse("/\(first) is the system's") }
        if parts.count == 1, shared.contains(first) {
            return refuse("/\(first) is shared with others; name a folder below it")
        }
        return "/" + parts.joined(separator: "/")
    }
}
