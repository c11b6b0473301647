extension SimulatedS3 {
    package struct ListObjects: Hashable, Sendable {
        package var bucket: String
        package var prefix = ""
        package var delimiter: String?
        package var startAfter: String?
        package var continuationToken: String?
        /// At most `largestPage`, whatever is asked for.
        package var maxKeys = 1000

        package init(_ bucket: String) {
            self.bucket = bucket
        }
    }

    package struct Listing: Hashable, Sendable {
        package var objects: [Object] = []
        package var commonPrefixes: [String] = []
        package var nextToken: String?

        package var keyCount: Int { objects.count + commonPrefixes.count }
    }

    /// A page of ListObjectsV2, in the order of UTF-8 bytes.
    package func listObjects(_ call: ListObjects) throws(CloudFailure) -> Listing {
        let bucket = try bucket(call.bucket)
        let size = min(max(call.maxKeys, 0), largestPage)
        let delimiter = call.delimiter.map { Array($0.utf8) }
        var at = try start(of: call, in: bucket)
        var listing = Listing()
        guard size > 0 else { return listing }
        while at < bucket.keys.count, bucket.keys[at].starts(with: Key(call.prefix)) {
            let key = bucket.keys[at]
            guard listing.keyCount < size else {
                listing.nextToken = token(after: bucket.keys[at - 1])
                break
            }
            if let group = Self.group(of: key, prefix: call.prefix.utf8.count, delimiter) {
                listing.commonPrefixes.append(String(decoding: group, as: UTF8.self))
                // Beyond every key of the group: the list is sorted, so a search finds its end.
                at = bucket.keys.partitioningIndex {
                    !$0.bytes.starts(with: group) && group.lexicographicallyPrecedes($0.bytes)
                }
            } else {
                if let object = bucket.objects[key] { listing.objects.append(object) }
                at += 1
            }
        }
        return listing
    }

    /// The first key that a page may show.
    private func start(of call: ListObjects, in bucket: Bucket) throws(CloudFailure) -> Int {
        let prefix = Key(call.prefix)
        var at = bucket.keys.partitioningIndex { $0 >= prefix }
        if let token = call.continuationToken {
            guard let bytes = Base64Digits.decode(token), !bytes.isEmpty else {
                throw CloudFailure(
                    "InvalidArgument", "The continuation token provided is incorrect")
            }
            let last = Key(String(decoding: bytes, as: UTF8.self))
            at = max(at, bucket.keys.partitioningIndex { $0 > last })
        } else if let after = call.startAfter {
            let last = Key(after)
            at = max(at, bucket.keys.partitioningIndex { $0 > last })
        }
        return at
    }

    private func token(after key: Key) -> String { Base64Digits.encode(key.bytes) }

    /// The key's bytes up to and with the first delimiter behind the prefix.
    private static func group(
        of key: Key, prefix: Int, _ delimiter: [UInt8]?
    ) -> [UInt8]? {
        guard let delimiter, !delimiter.isEmpty else { return nil }
        let bytes = key.bytes
        let rest = bytes[prefix...]
        let found = rest.indices.first { rest[$0...].starts(with: delimiter) }
        return found.map { Array(bytes[..<($0 + delimiter.count)]) }
    }
}
