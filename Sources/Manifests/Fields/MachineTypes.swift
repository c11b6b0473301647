import Training

extension ValueType<Accelerators> {
    /// `A10G:1`, or SkyPilot's mapping `{A10G: 1}`.
    static let accelerators = ValueType(
        summary: "`NAME:COUNT` or a mapping of one",
        schema: [
            "type": ["string", "object"], "pattern": "^[A-Za-z0-9-]+(:[1-9][0-9]?)?$",
            "minProperties": 1, "maxProperties": 1,
            "additionalProperties": ["type": "integer", "minimum": 1, "maximum": 64],
        ]
    ) { node, findings in
        switch node.content {
        case .scalar:
            if let text = node.string {
                let found = Accelerators(text)
                if found == nil { findings.report(acceleratorForm, at: node.position) }
                return found
            }
        case .mapping(let entries):
            if entries.count == 1, let entry = entries.first,
                case .scalar(let scalar) = entry.value.content, case .integer = scalar.value,
                let found = Accelerators("\(entry.key):\(scalar.text)")
            {
                return found
            }
            findings.report(
                entries.count > 1 ? severalKinds : acceleratorForm, at: node.position)
            return nil
        case .sequence:
            findings.report(severalKinds, at: node.position)
            return nil
        }
        findings.report(mismatch(node, expected: "a string"), at: node.position)
        return nil
    } show: {
        .string($0.description)
    }
}

private let acceleratorForm =
    "expected a name and a whole number of 1 to 64, like A10G:1 or {A10G: 1}"
private let severalKinds =
    "one kind of accelerator; several stand as entries of `any_of`, or of `ordered` by preference"

extension ValueType<String> {
    /// The agent is built for x86-64 so far, so that Graviton machines are refused.
    static let instanceType = ValueType.strings(
        "EC2 instance type",
        schema: ["type": "string", "pattern": #"^[a-z][a-z0-9-]*\.[a-z0-9-]+$"#]
    ) { text, position, findings in
        guard text.utf8.count <= 40,
            let match = text.wholeMatch(of: /([a-z][a-z0-9-]*)\.[a-z0-9-]+/)
        else {
            findings.report("expected an EC2 instance type like g5.xlarge", at: position)
            return nil
        }
        // The letters after the generation are attributes, and g among them is Graviton: g5g.
        let attributes = match.1.drop { !("0"..."9").contains($0) }
            .drop { ("0"..."9").contains($0) }.prefix { $0 != "-" }
        guard match.1 != "a1", !attributes.contains("g") else {
            findings.report("machines with an arm64 processor are not supported yet", at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }
}

extension ValueType<ImageReference> {
    static let image = ValueType(
        summary: "`ami-…` or `ssm:/…`",
        schema: [
            "type": "string",
            "pattern": "^(ami-[0-9a-f]{8,17}|ssm:(/[A-Za-z0-9_.-]+)+)$", "maxLength": 1015,
        ]
    ) { node, findings in
        if case .mapping = node.content {
            findings.report(
                "an image for each region: write one ssm:/… parameter, which each region resolves "
                    + "for itself, or a profile for each region", at: node.position)
            return nil
        }
        guard let text = node.string else {
            findings.report(mismatch(node, expected: "a string"), at: node.position)
            return nil
        }
        let form = /ami-[0-9a-f]{8,17}|ssm:(\/[A-Za-z0-9_.\-]+)+/
        guard text.utf8.count <= 1015, text.wholeMatch(of: form) != nil,
            let image = ImageReference(text)
        else {
            let advice =
                text.hasPrefix("docker:")
                ? "; a container is started by `setup` and `run`"
                : text.hasPrefix("skypilot:")
                    ? "; SkyPilot's own names are not known here" : ""
            findings.report(
                "expected ami-0123456789abcdef0 or ssm:/path/of/a/parameter" + advice,
                at: node.position)
            return nil
        }
        return image
    } show: {
        .string($0.description)
    }
}

extension ValueType<Dollars> {
    /// A price for an hour.
    static let dollarsAnHour = ValueType(
        summary: "USD an hour", schema: ["type": "number", "exclusiveMinimum": 0]
    ) { node, findings in
        if case .scalar(let scalar) = node.content {
            switch scalar.value {
            case .integer, .number:
                if let price = Dollars(scalar.text), price.micros > 0 { return price }
            default: break
            }
        }
        findings.report("expected USD an hour in digits, like 2.5", at: node.position)
        return nil
    } show: {
        .string($0.description)
    }
}
