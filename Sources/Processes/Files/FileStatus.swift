import Glibc

/// The facts about a file that `stat` gives.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case directory
        case symbolicLink
        case other
    }

    package var kind: Kind
    /// Bytes.
    package var size: Int
    package var inode: UInt64
    /// Its user.
    package var owner: UInt32
    /// A directory in which other users may rename what is not theirs.
    package var isOpenToOthers: Bool
    /// Milliseconds since 1970.
    package var modified: Int64
    /// The same, to the nanosecond: tells two writes within a millisecond apart.
    package var modifiedNanoseconds: Int64

    init(_ raw: stat) {
        kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        size = Int(raw.st_size)
        inode = UInt64(raw.st_ino)
        owner = raw.st_uid
        let isShared =
            raw.st_mode & S_IWOTH != 0 || raw.st_mode & S_IWGRP != 0 && raw.st_gid != 0
        isOpenToOthers = kind == .directory && isShared && raw.st_mode & S_ISVTX == 0
        modifiedNanoseconds =
            Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
        modified = modifiedNanoseconds / 1_000_000
    }
}
