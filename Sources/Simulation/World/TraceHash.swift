package import Training

/// A running hash over the fields of everything that happens in a world.
///
/// The same seed gives the same hash in every run on every machine; it is no digest for security.
package struct TraceHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0x243f_6a88_85a3_08d3
    /// How many fields went in.
    package private(set) var count = 0

    package init() {}

    package mutating func mix(_ word: UInt64) {
        var z = value ^ word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        value = (z ^ (z >> 31)) &+ 0x9e37_79b9_7f4a_7c15
        count += 1
    }

    package mutating func mix(_ moment: Timestamp) {
        mix(UInt64(bitPattern: moment.milliseconds))
    }

    /// FNV-1a over the UTF-8 bytes, then one mixing.
    package mutating func mix(_ text: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        mix(hash)
    }
}
