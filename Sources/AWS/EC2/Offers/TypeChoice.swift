import Training

/// Which machines meet a query's choices.
struct TypeChoice {
    /// What a run gets that asks for nothing: SkyPilot's default of 8 CPUs and 4 GiB for each, in
    /// the first family of its list (`sky/catalog/aws_catalog.py`).
    static let defaultType = "m6i.2xlarge"

    private let choices: [MachineChoice]
    /// For each choice, the names of the types that meet it, sorted.
    private let matches: [[String]]

    /// Throws `.unsupported` when no type of the region meets any choice.
    init(
        _ choices: [MachineChoice], among types: [String: EC2.InstanceType], region: String
    ) throws(ProviderFailure) {
        self.choices = choices
        matches = choices.map { choice in TypeChoice.matches(choice, types) }
        if matches.allSatisfy(\.isEmpty) {
            let misses = choices.map { TypeChoice.miss($0, types) }
            throw .unsupported("\(region) has \(misses.joined(separator: ", and "))")
        }
    }

    /// Sorted.
    var types: [String] { Set(matches.joined()).sorted() }

    /// The choice that an offering meets: the first one that wants its market, else the first one
    /// that may fall back to it; nil when there is none.
    func choice(of type: String, zone: String, market: Market) -> Int? {
        let fitting = choices.indices.filter { index in
            matches[index].contains(type) && (choices[index].zone ?? zone) == zone
        }
        return fitting.first { (choices[$0].market ?? market) == market } ?? fitting.first
    }

    private static func matches(
        _ choice: MachineChoice, _ types: [String: EC2.InstanceType]
    ) -> [String] {
        if let name = choice.instanceType {
            guard let type = types[name], type.runsAgent,
                choice.accelerators.map(type.has) ?? true
            else { return [] }
            return [name]
        }
        guard let wanted = choice.accelerators else {
            return types[defaultType] == nil ? [] : [defaultType]
        }
        // Bare metal costs the same, takes many minutes to start and gains nothing here.
        return types.values.filter { $0.runsAgent && !$0.isBareMetal && $0.has(wanted) }
            .map(\.name).sorted()
    }

    private static func miss(
        _ choice: MachineChoice, _ types: [String: EC2.InstanceType]
    ) -> String {
        if let name = choice.instanceType {
            guard let type = types[name] else { return "no machines of type \(name)" }
            if !type.runsAgent {
                let built = type.architectures.joined(separator: ", ")
                return "\(name) only for \(built), while the agent needs x86_64"
            }
            return "\(name) without \(choice.accelerators.map { "\($0)" } ?? "")"
        }
        guard let wanted = choice.accelerators else {
            return "no \(defaultType), so name an instance type"
        }
        let all = Set(
            types.values.filter { $0.runsAgent && !$0.isBareMetal }.flatMap(\.accelerators))
        let alike = all.filter { $0.name.lowercased() == wanted.name.lowercased() }
        let known = (alike.isEmpty ? Set(all.map(\.name)) : Set(alike.map(\.description))).sorted()
        return "no machine with \(wanted), but with \(known.joined(separator: ", "))"
    }
}

extension EC2.InstanceType {
    /// As SkyPilot spells them: the larger of two that share a name has its memory in it
    /// (`A100-80GB`, `V100-32GB`).
    var accelerators: [Accelerators] {
        gpus.filter { $0.count > 0 }.map { gpu in
            let name = gpu.name.split(separator: " ").joined(separator: "-")
            let size = gpu.memory / 1024
            let plain = ["A100": 40, "V100": 16][name] ?? size
            return Accelerators(
                name: size == plain ? name : "\(name)-\(size)GB", count: gpu.count)
        }
    }

    /// In any case of letters, and exactly as many.
    func has(_ wanted: Accelerators) -> Bool {
        accelerators.contains {
            $0.count == wanted.count && $0.name.lowercased() == wanted.name.lowercased()
        }
    }

    /// The agent is built for x86-64 only.
    var runsAgent: Bool { architectures.contains("x86_64") }

    func isSold(on market: Market) -> Bool {
        usageClasses.isEmpty || usageClasses.contains(market.rawValue)
    }
}
