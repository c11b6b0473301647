/// One frozen request for one machine.
///
/// Its bytes are written to the ledger before the first send and never change: the same token
/// always goes with the same request.
package struct LaunchRequest: Hashable, Sendable, Codable {
    /// EC2's `ClientToken`: at most 64 ASCII characters, see `ClientToken.derive`.
    package var clientToken: String
    package var region: String
    package var market: Market
    /// What the machine does when its own system shuts down: EC2's
    /// `InstanceInitiatedShutdownBehavior`, `terminate` or `stop`.
    package var shutdownBehavior: ShutdownBehavior
    package var tags: [String: String]
    /// What the machine is told: on EC2 the script of its first boot, on the embedded provider the
    /// `AgentConfiguration` itself; at most 16 KiB.
    package var userData: String
    /// Where and how on EC2; nil on the embedded provider.
    package var machine: MachineRequest?

    package enum ShutdownBehavior: String, Sendable, Codable {
        case terminate
        case stop
    }

    package init(
        clientToken: String, region: String, market: Market, shutdownBehavior: ShutdownBehavior,
        tags: [String: String], userData: String, machine: MachineRequest? = nil
    ) {
        self.clientToken = clientToken
        self.region = region
        self.market = market
        self.shutdownBehavior = shutdownBehavior
        self.tags = tags
        self.userData = userData
        self.machine = machine
    }

    /// The supply that the launch draws on; nil on the embedded provider.
    package var pool: CapacityPool? {
        machine.map {
            CapacityPool(
                region: region, zone: $0.zone, instanceType: $0.instanceType, market: market)
        }
    }
}

/// The part of a launch that only EC2 knows.
package struct MachineRequest: Hashable, Sendable, Codable {
    package var instanceType: String
    package var zone: String
    package var subnet: String
    package var image: MachineImage
    /// GiB of the root volume; nil: as large as the image.
    package var diskSize: Int?
    package var securityGroups: [String]
    /// A name, or an ARN.
    package var instanceProfile: String
    package var keyName: String?
    /// Spot only: the most to pay an hour; nil: the on-demand price.
    package var maxPrice: Dollars?

    package init(
        instanceType: String, zone: String, subnet: String, image: MachineImage, diskSize: Int?,
        securityGroups: [String], instanceProfile: String, keyName: String?, maxPrice: Dollars?
    ) {
        self.instanceType = instanceType
        self.zone = zone
        self.subnet = subnet
        self.image = image
        self.diskSize = diskSize
        self.securityGroups = securityGroups
        self.instanceProfile = instanceProfile
        self.keyName = keyName
        self.maxPrice = maxPrice
    }
}

/// The token that makes a launch happen at most once.
package enum ClientToken {
    /// base32(SHA-256(scope, store, run, attempt, ordinal, node, request digest)), 52 characters of
    /// EC2's 64.
    ///
    /// `request` is the digest of the request with an empty token.
    package static func derive(
        scope: String, store: StoreIdentity, run: RunName, attempt: Int, ordinal: Int, node: Int,
        request: Digest
    ) -> String {
        let parts = [
            scope, store.text, run.text, "\(attempt)", "\(ordinal)", "\(node)", request.hex,
        ]
        return base32(Digest(of: parts.joined(separator: "\n")).bytes)
    }

    /// RFC 4648 base32, lower case, without padding.
    private static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var text = ""
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xffff
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[buffer >> bits & 31])
            }
        }
        if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 31]) }
        return text
    }
}
