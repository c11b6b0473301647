package import Training

/// What the scope's machines cost an hour, as far as prices are known.
package struct HourlyCost: Hashable, Sendable {
    package var now: Dollars
    /// When the plan has been carried out.
    package var after: Dollars
}

extension Plan {
    /// Nil while no price is known of any machine.
    package var cost: HourlyCost? {
        let living = phases.compactMap { phase in phase.hourly.map { (phase.run, $0) } }
        let asked = actions.compactMap(\.offering?.price)
        guard !living.isEmpty || !asked.isEmpty else { return nil }
        let ending = Set(
            actions.filter { [.stop, .terminate].contains($0.verb) }.map(\.run))
        let none = Dollars(micros: 0)
        let staying = living.filter { !ending.contains($0.0) }.map(\.1)
        return HourlyCost(
            now: living.map(\.1).reduce(none, +), after: (staying + asked).reduce(none, +))
    }
}
