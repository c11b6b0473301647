import Training

/// `resources`, or one alternative in it, as it is written.
struct DeclaredResources: Sendable {
    var accelerators: Accelerators?
    var instanceType: String?
    var infra: Place?
    var region: String?
    var zone: String?
    var market: Market?
    /// Alternatives, each of which replaces what it says.
    var anyOf: [DeclaredResources]?
    var ordered: [DeclaredResources]?
    /// Everything but the choices.
    var rest = Resources()
    /// SkyPilot's `max_restarts_on_errors`.
    var restarts: Int?

    /// With the choices made of this and its alternatives.
    var resources: Resources {
        var resources = rest
        resources.isOrdered = ordered != nil
        resources.choices = (ordered ?? anyOf ?? [DeclaredResources()]).map(merged)
        if resources.choices == [MachineChoice()] { resources.choices = [] }
        return resources
    }

    /// A region and its zone are one thing: an alternative that names one of them takes nothing of
    /// the other from the whole.
    private func merged(_ alternative: DeclaredResources) -> MachineChoice {
        let own = alternative.place
        let place = own == Place() ? self.place : own
        return MachineChoice(
            accelerators: alternative.accelerators ?? accelerators,
            instanceType: alternative.instanceType ?? instanceType, region: place.region,
            zone: place.zone, market: alternative.market)
    }

    /// A zone names its region, too.
    fileprivate var place: Place {
        let zone = infra?.zone ?? zone
        return Place(
            region: infra?.region ?? region ?? zone.flatMap(Place.region(ofZone:)), zone: zone)
    }
}

extension RunSpec {
    /// For the field `resources`, which fills several properties.
    var declaredResources: DeclaredResources {
        get { DeclaredResources() }
        set {
            market = newValue.market ?? .onDemand
            resources = newValue.resources
            if let restarts = newValue.restarts { retries.limit = restarts }
        }
    }
}

/// The fields of `resources`.
enum ResourceFields {
    static let table = FieldTable(
        blank: DeclaredResources(), machine + alternatives + rest + foreign,
        rules: [placeIsWhole, oneList])

    private static let machine: [Field<DeclaredResources>] = [
        .optional(
            "use_spot", \.market, .market, unset: "`false`",
            "One-time spot machines, which may be taken away."),
        .optional(
            "accelerators", \.accelerators, .accelerators, unset: "none",
            "GPUs by name and number: every x86-64 instance type that has exactly these."),
        .optional(
            "instance_type", \.instanceType, .instanceType,
            unset: "`m6i.2xlarge` where no accelerators are named", "Exactly this instance type."),
        .optional(
            "infra", \.infra, .infra, "SkyPilot's way to say region and zone; instead of those."),
        .optional(
            "region", \.region, .region, unset: "the profile's",
            "Another region than the profile's; its default subnets and groups are taken there."),
        .optional("zone", \.zone, .zone, "Only this zone; it names its region, too."),
    ]

    private static let alternatives: [Field<DeclaredResources>] = [
        .optional(
            "any_of", \.anyOf, .list(of: alternative, atLeast: 1),
            "Alternatives without preference: the cheapest is taken. Each may say the six fields "
                + "above anew."),
        .optional(
            "ordered", \.ordered, .list(of: alternative, atLeast: 1),
            "Alternatives in order of preference, the best first."),
    ]

    private static let alternative: ValueType<DeclaredResources> = {
        var type = ValueType.object(
            FieldTable(blank: DeclaredResources(), machine, rules: [placeIsWhole]))
        type.summary = "mapping"
        return type
    }()

    private static let rest: [Field<DeclaredResources>] = [
        .value(
            "fallback", \.rest.fallback, .choice(Resources.Fallback.self),
            "What happens while no spot pool has capacity: `on-demand` pays the full price for "
                + "that attempt."),
        .optional(
            "max_hourly_cost", \.rest.maxHourlyCost, .dollarsAnHour,
            unset: "the price on demand", "More is never paid for a machine."),
        .optional(
            "disk_size", \.rest.diskSize, .integer(1...16_384), unset: "as large as the image",
            "GiB of the root volume, which is no smaller than the image."),
        .optional(
            "image_id", \.rest.image, .image, unset: "the profile's", "The machine image."),
        .value("labels", \.rest.labels, .tags, "Tags of the machine, besides the profile's."),
    ]

    private static let foreign: [Field<DeclaredResources>] = [
        .optional(
            "job_recovery", \.restarts, .jobRecovery, unset: "as `retries` says",
            "For task files of SkyPilot. `EAGER_NEXT_REGION` is what Holdfast does: a pool that "
                + "took a machine away is avoided for a while. `max_restarts_on_errors` is "
                + "`retries.limit`."),
        .later("spot", "Persistent spot machines."),
    ]

    private typealias Rule = FieldTable<DeclaredResources>.Rule

    private static let placeIsWhole: Rule = { declared, node, findings in
        guard declared.infra == nil || (declared.region == nil && declared.zone == nil) else {
            findings.report(
                "`infra` says region and zone already", at: (node["infra"] ?? node).position)
            return
        }
        let place = declared.place
        guard let zone = place.zone, Place.region(ofZone: zone) != place.region else { return }
        findings.report(
            "the zone is not one of \(place.region ?? "the region")",
            at: (node["zone"] ?? node["infra"] ?? node).position)
    }

    private static let oneList: Rule = { declared, node, findings in
        guard declared.anyOf != nil, declared.ordered != nil else { return }
        findings.report(
            "either `any_of` or `ordered`, not both", at: (node["ordered"] ?? node).position)
    }
}

extension ValueType<Market> {
    static let market = ValueType.boolean(true: .spot, false: .onDemand)
}

extension ValueType<Int> {
    /// SkyPilot's recovery as far as it is what Holdfast does; its number of restarts.
    fileprivate static let jobRecovery = ValueType(
        summary: "`EAGER_NEXT_REGION` or a mapping",
        schema: ["anyOf": [RecoveryFields.strategy.schema, RecoveryFields.table.schema]]
    ) { node, findings in
        if case .mapping = node.content {
            return RecoveryFields.table.read(node, &findings)?.restarts
        }
        _ = RecoveryFields.strategy.read(node, &findings)
        return nil
    } show: { _ in
        nil
    }
}

/// The mapping form of `job_recovery`.
private enum RecoveryFields {
    static let strategy = ValueType<String>.word(["EAGER_NEXT_REGION"], later: ["FAILOVER"])

    static let table = FieldTable(
        blank: DeclaredResources(),
        [
            .fixed("strategy", strategy, is: "EAGER_NEXT_REGION", "Where the next machine is."),
            .optional(
                "max_restarts_on_errors", \.restarts, .integer(0...1000), "As `retries.limit`."),
            .later("recover_on_exit_codes", "Exit codes that are no failures."),
        ])
}
