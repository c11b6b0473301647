import Training

/// How large files are cut, and how many pieces are under way at once.
///
/// One connection to S3 carries 85 to 90 MB/s, so eight fill what one core can digest. Parts are
/// read from the file as they are sent; of a download at most `parallel` ranges are in memory,
/// 64 MiB.
package struct TransferShape: Hashable, Sendable {
    /// Files up to this size are sent in one request; parts of larger ones have this size, in
    /// bytes, or more where that would make too many.
    package var part: Int
    /// Of a download, in bytes.
    package var range: Int
    package var parallel: Int
    /// How often a piece is begun, each time with the client's own tries.
    package var tries: Int
    /// Before the second time; doubled each time after.
    package var pause: Duration

    package init(
        part: Int = 16 << 20, range: Int = 8 << 20, parallel: Int = 8, tries: Int = 5,
        pause: Duration = .seconds(1)
    ) {
        self.part = part
        self.range = range
        self.parallel = parallel
        self.tries = tries
        self.pause = pause
    }

    /// S3's bounds: 10,000 parts of at most 5 GiB.
    static let greatestPartCount = 10_000
    static let greatestPart = 5 << 30

    /// The pieces of a file to send; one empty piece for an empty file.
    package func parts(of size: Int) -> [Range<Int>] {
        let least = (size + Self.greatestPartCount - 1) / Self.greatestPartCount
        return cut(size, every: max(part, least))
    }

    func ranges(of size: Int) -> [Range<Int>] {
        size == 0 ? [] : cut(size, every: range)
    }

    private func cut(_ size: Int, every length: Int) -> [Range<Int>] {
        guard size > length else { return [0..<size] }
        return stride(from: 0, to: size, by: length).map { $0..<min(size, $0 + length) }
    }

    /// For one try of a request that carries so many bytes: never slower than 256 KiB/s.
    static func deadline(of bytes: Int) -> Duration {
        .seconds(60 + bytes >> 18)
    }

    /// Begins a piece again while the store does not answer.
    func patiently<Answer>(
        _ piece: () async throws(StoreFailure) -> Answer
    ) async throws(StoreFailure) -> Answer {
        var pause = pause
        var tries = 1
        while true {
            do throws(StoreFailure) {
                return try await piece()
            } catch {
                guard case .unavailable = error, tries < self.tries,
                    (try? await Task.sleep(for: pause)) != nil
                else { throw error }
            }
            tries += 1
            pause *= 2
        }
    }
}
