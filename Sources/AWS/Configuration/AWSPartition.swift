/// A group of regions with an account system and a DNS suffix of its own.
///
/// Names and suffixes from botocore's partitions.json of November 2026.
package enum AWSPartition: String, Hashable, Sendable, CaseIterable {
    case aws
    case china = "aws-cn"
    case government = "aws-us-gov"
    case europe = "aws-eusc"

    /// The partition of a region; one that no other claims is in `aws`, as new ones are.
    ///
    /// Nil for what cannot be a region's name: it would become a part of a host name.
    package init?(region: String) {
        let words = region.split(separator: "-", omittingEmptySubsequences: false)
        let isPlain = { (byte: UInt8) in (97...122).contains(byte) || (48...57).contains(byte) }
        guard words.count >= 3, region.utf8.count <= 40,
            words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isPlain) }),
            words.last.flatMap({ Int($0) }) != nil
        else { return nil }
        if words[0] == "cn" {
            self = .china
        } else if words[0] == "us" && words[1] == "gov" {
            self = .government
        } else if words[0] == "eusc" {
            self = .europe
        } else if words[1].hasPrefix("iso") {
            // The isolated regions: whoever works there has endpoints of their own.
            return nil
        } else {
            self = .aws
        }
    }

    /// What the host names of its services end with.
    package var dnsSuffix: String {
        switch self {
        case .aws, .government: "amazonaws.com"
        case .china: "amazonaws.com.cn"
        case .europe: "amazonaws.eu"
        }
    }

    /// What they end with where IPv6 is served as well.
    var dualStackSuffix: String {
        switch self {
        case .aws, .government: "api.aws"
        case .china: "api.amazonwebservices.com.cn"
        case .europe: "api.amazonwebservices.eu"
        }
    }

    /// Signs for the services that a partition has only once, such as IAM.
    package var mainRegion: String {
        switch self {
        case .aws: "us-east-1"
        case .china: "cn-north-1"
        case .government: "us-gov-west-1"
        case .europe: "eusc-de-east-1"
        }
    }

    /// Where IAM is reached.
    var identityHost: String {
        switch self {
        case .aws: "iam.\(dnsSuffix)"
        case .government: "iam.us-gov.\(dnsSuffix)"
        case .china, .europe: "iam.\(mainRegion).\(dnsSuffix)"
        }
    }
}
