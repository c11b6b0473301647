package import Training

/// The bytes of an object: pieces that are shared, never copied, between parts, objects, answers.
package struct StoredContent: Hashable, Sendable {
    package private(set) var pieces: [[UInt8]]
    package private(set) var count: Int

    package init(_ bytes: [UInt8] = []) {
        pieces = bytes.isEmpty ? [] : [bytes]
        count = bytes.count
    }

    package mutating func append(_ other: StoredContent) {
        pieces += other.pieces
        count += other.count
    }

    package var bytes: [UInt8] {
        if pieces.count == 1 { return pieces[0] }
        var all: [UInt8] = []
        all.reserveCapacity(count)
        for piece in pieces { all += piece }
        return all
    }

    /// The bytes of a range that lies within it.
    package subscript(range: Range<Int>) -> [UInt8] {
        var found: [UInt8] = []
        found.reserveCapacity(range.count)
        var start = 0
        for piece in pieces {
            let low = Swift.max(range.lowerBound - start, 0)
            let high = Swift.min(range.upperBound - start, piece.count)
            if low < high { found += piece[low..<high] }
            start += piece.count
        }
        return found
    }

    package var sha256: Digest {
        var stream = DigestStream()
        for piece in pieces { piece.withUnsafeBytes { stream.update($0) } }
        return stream.finish()
    }
}
