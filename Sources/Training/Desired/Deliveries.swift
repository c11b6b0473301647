/// A secret by its name: `ssm:/research/wandb`.
///
/// Resolved on the machine; its value is in no record, tag, plan or log of ours.
package struct SecretReference: Hashable, Sendable, TextCoded {
    package static let textForm = "ssm:/path/of/a/parameter"

    /// The name of the parameter in SSM Parameter Store, beginning with `/`.
    package let parameter: String

    package init?(_ text: String) {
        guard text.hasPrefix("ssm:/"), (6...1015).contains(text.utf8.count) else { return nil }
        parameter = String(text.dropFirst(4))
    }

    package var description: String { "ssm:\(parameter)" }
}

/// Objects that are fetched to a path of the machine before setup.
package struct FileMount: Hashable, Sendable, Codable {
    /// Absolute, on the machine.
    package var path: String
    package var source: S3Location

    package init(path: String, source: S3Location) {
        self.path = path
        self.source = source
    }
}

/// A bucket and a prefix in it: `s3://bucket/prefix`.
package struct S3Location: Hashable, Sendable, TextCoded {
    package static let textForm = "s3://bucket/prefix"

    package let bucket: String
    /// Without a slash at either end; empty for the whole bucket.
    package let prefix: String

    /// Nil where the bucket's name is not legal (3 to 63 lower-case letters, digits, dots and
    /// hyphens), or the prefix is not a legal key.
    package init?(_ text: String) {
        guard text.hasPrefix("s3://") else { return nil }
        let rest = text.dropFirst(5)
        let name = rest.prefix { $0 != "/" }
        var prefix = rest.dropFirst(name.count).drop { $0 == "/" }
        if prefix.last == "/" { prefix = prefix.dropLast() }
        let isLegal = name.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
        guard isLegal, (3...63).contains(name.utf8.count), name.first != ".", name.first != "-",
            name.last != ".", name.last != "-", !name.contains(".."),
            prefix.isEmpty || (try? ObjectKey(String(prefix))) != nil
        else { return nil }
        bucket = String(name)
        self.prefix = String(prefix)
    }

    package var description: String {
        prefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(prefix)"
    }
}
