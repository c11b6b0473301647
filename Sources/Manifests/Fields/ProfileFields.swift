import Training

/// The fields of `kind: profile`.
///
/// The defaults are those of `Profile`.
enum ProfileFields {
    static let table = FieldTable(
        blank: Profile(name: "", region: ""), place + machine, rules: [zonesLieInRegion])

    private static let place: [Field<Profile>] = [
        .fixed(
            "kind", .word(["profile"]), is: "profile", isRequired: true,
            "Says where and how machines are made on EC2."),
        .required("name", \.name, .label, "What the `profile` of a training says."),
        .required("region", \.region, .region, "Where the machines are."),
        .value(
            "zones", \.zones, .list(of: .zone),
            "The zones that may be taken; left out: every zone with a usable subnet."),
        .value(
            "subnets", \.subnets, .list(of: .identifier("subnet")),
            "The subnets that may be taken; left out: those of the default VPC."),
        .value(
            "security_groups", \.securityGroups, .list(of: .identifier("sg")),
            "The groups of every machine; left out: the default group of the VPC."),
    ]

    private static let machine: [Field<Profile>] = [
        .optional(
            "image_id", \.image, .image, unset: "the current Deep Learning image",
            "The machine image; an SSM parameter is resolved once for each run, and frozen."),
        .value(
            "instance_profile", \.instanceProfile, .instanceProfile,
            "The IAM instance profile, by name or ARN, whose role the agent has."),
        .optional(
            "key_name", \.keyName, .keyName, unset: "no key",
            "The EC2 key pair for a look inside by SSH."),
        .value(
            "trainer_user", \.trainer.user, .userName,
            "The unprivileged user that `setup`, `run` and `resume` run as; made when it is "
                + "missing."),
        .value(
            "trainer_metadata", \.trainer.readsMetadata, .boolean(true: true, false: false),
            "Whether that user reaches the instance's metadata, and with it the credentials of "
                + "the role."),
        .value("tags", \.tags, .tags, "Tags of every machine, and of what is made with it."),
    ]

    private static let zonesLieInRegion: FieldTable<Profile>.Rule = { profile, node, findings in
        guard let zones = node["zones"], case .sequence(let items) = zones.content else { return }
        for (zone, item) in zip(profile.zones, items)
        where Place.region(ofZone: zone) != profile.region {
            findings.within("zones") {
                $0.report("not a zone of \(profile.region)", at: item.position)
            }
        }
    }
}

extension ValueType<String> {
    /// An id that EC2 has made: `subnet-0123456789abcdef0`.
    fileprivate static func identifier(_ prefix: String) -> ValueType {
        .strings(
            "`\(prefix)-…`",
            schema: ["type": "string", "pattern": .string("^\(prefix)-[0-9a-f]{8,17}$")]
        ) { text, position, findings in
            let digits = text.dropFirst(prefix.count + 1)
            guard text.hasPrefix(prefix + "-"), (8...17).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
            else {
                findings.report(
                    "expected an id like \(prefix)-0123456789abcdef0", at: position)
                return nil
            }
            return text
        } show: {
            .string($0)
        }
    }

    fileprivate static let instanceProfile = ValueType.strings(
        "name or ARN",
        schema: [
            "type": "string", "maxLength": 2048,
            "pattern": "^(arn:aws[a-z-]*:iam::[0-9]{12}:instance-profile/)?[A-Za-z0-9+=,.@_/-]+$",
        ]
    ) { text, position, findings in
        let name = /[A-Za-z0-9+=,.@_\-]{1,128}/
        let arn = /arn:aws[a-z\-]*:iam::[0-9]{12}:instance-profile\/[A-Za-z0-9+=,.@_\/\-]+/
        guard text.utf8.count <= 2048,
            text.wholeMatch(of: name) != nil || text.wholeMatch(of: arn) != nil
        else {
            findings.report(
                "expected the name or ARN of an instance profile"
                    + (text.contains(":role/") ? "; this is a role" : ""), at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }

    fileprivate static let keyName = ValueType.strings(
        "string", schema: ["type": "string", "minLength": 1, "maxLength": 255]
    ) { text, position, findings in
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (32...126).contains($0) })
        else {
            findings.report("expected the name of a key pair, 1 to 255 characters", at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }

    fileprivate static let userName = ValueType.strings(
        "user name",
        schema: ["type": "string", "pattern": "^[a-z_][a-z0-9_-]{0,31}$", "not": ["const": "root"]]
    ) { text, position, findings in
        guard text.wholeMatch(of: /[a-z_][a-z0-9_\-]{0,31}/) != nil else {
            findings.report("expected the name of a Linux user, like trainer", at: position)
            return nil
        }
        guard text != "root" else {
            findings.report("the trainer is never root", at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }
}
