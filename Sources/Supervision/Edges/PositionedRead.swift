import Glibc

/// Fills `buffer` from `offset`; the number of bytes read, nil on an error.
func positionedRead(
    _ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ offset: Int
) -> Int? {
    var done = 0
    while done < buffer.count {
        let count = pread(
            descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
            off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { break }
        done += count
    }
    return done
}
