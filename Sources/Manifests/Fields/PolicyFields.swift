import Training

/// The fields of `kind: policy`.
///
/// The defaults are those of `ScopePolicy`.
enum PolicyFields {
    static let table = FieldTable(
        blank: ScopePolicy(),
        [
            .fixed(
                "kind", .word(["policy"]), is: "policy", isRequired: true,
                "Declares the rules of the scope; one document at most."),
            .value(
                "scope", \.scope, .label,
                "Names the set of machines that this repository owns."),
            .value(
                "max_terminations", \.maxTerminations, .terminations,
                "Machines that may be terminated within an hour; of a percentage never less "
                    + "than one."),
            .value(
                "max_launches", \.maxLaunches, .integer(1...10_000),
                "Launches that may be under way at once."),
            .optional(
                "state", \.state, .s3Location, unset: "as the operator says with `--state`",
                "Bucket and prefix of ledgers, index and checkpoints."),
            .optional(
                "state_region", \.stateRegion, .region, unset: "the operator's region",
                "The bucket's region."),
            .later("prelaunch", "Starting the replacement during the notice."),
            .later("hourly", "USD."),
            .later("require_signed_by", "A file of allowed signers."),
        ],
        rules: [
            { policy, node, findings in
                guard policy.stateRegion != nil, policy.state == nil else { return }
                findings.report(
                    "the field `state` is missing, whose region `state_region` says",
                    at: (node["state_region"] ?? node).position)
            }
        ])
}

extension ValueType<ScopePolicy.TerminationLimit> {
    fileprivate static let terminations = ValueType(
        summary: "count or percentage",
        schema: [
            "type": ["integer", "string"], "minimum": 1, "maximum": .integer(mostTerminations),
            "pattern": "^([1-9][0-9]?|100)%$",
        ]
    ) { node, findings in
        if case .scalar(let scalar) = node.content {
            switch scalar.value {
            case .integer(let count) where (1...mostTerminations).contains(count):
                return .count(count)
            case .string where scalar.text.hasSuffix("%"):
                let digits = scalar.text.dropLast()
                if let percent = Int(digits), String(percent) == digits,
                    (1...100).contains(percent)
                {
                    return .percent(percent)
                }
            default: break
            }
        }
        findings.report(
            "expected 1% to 100%, or a count of 1 to \(mostTerminations)", at: node.position)
        return nil
    } show: {
        switch $0 {
        case .count(let count): .integer(count)
        case .percent(let percent): .string("\(percent)%")
        }
    }
}

private let mostTerminations = 10_000
