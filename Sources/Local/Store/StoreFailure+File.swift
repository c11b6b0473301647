import Processes
import Training

extension StoreFailure {
    /// What a refusal of the file system means to the caller of a store.
    init(_ failure: FileFailure) {
        self = failure.isDenied ? .denied("\(failure)") : .local("\(failure)")
    }
}

extension FileStatus {
    /// The version of the file's bytes.
    var etag: ETag {
        let parts = [UInt64(bitPattern: modifiedNanoseconds), inode, UInt64(size)]
        return ETag(parts.map { String($0, radix: 16) }.joined(separator: "-"))
    }

    var modifiedTime: Timestamp { Timestamp(milliseconds: modified) }
}
