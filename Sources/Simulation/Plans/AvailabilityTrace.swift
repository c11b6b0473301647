package import Training

/// What was seen of the spot supply of one zone, look by look.
package struct AvailabilityTrace: Hashable, Sendable, Codable {
    /// One look.
    package struct Sample: Hashable, Sendable {
        /// Milliseconds since the first look.
        package var at: Int64
        /// Machines that there was room for.
        package var room: Int
        /// USD an hour; nil: nobody wrote it down.
        package var price: Dollars?

        package init(at moment: Int64, room: Int, price: Dollars? = nil) {
            at = moment
            self.room = room
            self.price = price
        }
    }

    /// What holds from a moment on.
    package struct Change: Hashable, Sendable, Codable {
        /// Milliseconds since the trace's beginning.
        package var at: Int64
        /// Machines that a pool holds; nil: without end.
        package var slots: Int?
        package var price: Dollars?
    }

    package let zone: String
    /// In the order of time, the first one at 0.
    package private(set) var changes: [Change] = []
    /// How long something was seen, in milliseconds.
    package let span: Int64

    /// `samples` stand in the order of time, the first one at 0.
    ///
    /// With `countsMachines` their numbers are all the machines that a pool holds; else a number
    /// only says whether there is room.
    package init(zone: String, samples: [Sample], span: Int64, countsMachines: Bool) {
        self.zone = zone
        self.span = span
        for sample in samples {
            let slots = sample.room == 0 ? 0 : countsMachines ? sample.room : nil
            let last = changes.last
            guard last == nil || last?.slots != slots || last?.price != sample.price else {
                continue
            }
            changes.append(Change(at: sample.at, slots: slots, price: sample.price))
        }
    }

    /// The share of its first `span` milliseconds in which there was room: 0…1.
    package func share(of span: Int64) -> Double {
        let end = min(span, self.span)
        guard end > 0 else { return 0 }
        var room: Int64 = 0
        for (place, change) in changes.enumerated() where change.slots != 0 && change.at < end {
            let next = place + 1 < changes.count ? changes[place + 1].at : end
            room += min(next, end) - change.at
        }
        return Double(room) / Double(end)
    }

    /// How often room ended within the first `span` milliseconds.
    package func endings(within span: Int64) -> Int {
        zip(changes, changes.dropFirst())
            .count { $0.slots != 0 && $1.slots == 0 && $1.at < span }
    }
}
