extension SimulatedEC2.RunInstances {
    /// What is wrong with the request whatever the account holds.
    func checkShape() throws(CloudFailure) {
        guard !imageID.isEmpty else { throw .missing("ImageId") }
        guard !instanceType.isEmpty else { throw .missing("InstanceType") }
        guard minCount >= 1, maxCount >= minCount else {
            throw .invalid("MinCount and MaxCount must be at least 1 and in order.")
        }
        if let token = clientToken {
            guard token.utf8.count <= 64, token.utf8.allSatisfy({ (33...126).contains($0) }),
                !token.isEmpty
            else { throw .invalid("The client token must be 1 to 64 ASCII characters.") }
        }
        guard userData.count <= 16_384 else {
            throw .invalid("User data is limited to 16384 bytes")
        }
        guard (1...64).contains(metadata.hopLimit) else {
            throw .invalid("HttpPutResponseHopLimit must be between 1 and 64.")
        }
        guard shutdownBehavior != .hibernate else {
            throw .invalid("InstanceInitiatedShutdownBehavior must be stop or terminate.")
        }
        try checkSpot()
        try checkTags()
    }

    private func checkSpot() throws(CloudFailure) {
        guard let spot else { return }
        if disablesTermination {
            throw .combination("Spot instances have no termination protection.")
        }
        if spot.isPersistent {
            guard spot.interruptionBehavior != .terminate else {
                throw .combination(
                    "RunInstances takes persistent spot requests only with stop or hibernate.")
            }
        } else {
            guard spot.interruptionBehavior == .terminate else {
                throw .combination("One-time spot requests can only be terminated.")
            }
            guard spot.validUntil == nil else {
                throw .combination("ValidUntil needs a persistent spot request.")
            }
        }
        if let price = spot.maxPrice {
            guard let dollars = Double(price), dollars > 0 else {
                throw .invalid("MaxPrice '\(price)' is not a price.")
            }
        }
    }

    private func checkTags() throws(CloudFailure) {
        let known = ["instance", "volume", "network-interface", "spot-instances-request"]
        var seen: Set<String> = []
        for specification in tagSpecifications {
            let kind = specification.resourceType
            guard known.contains(kind) else {
                throw .invalid("'\(kind)' is not a valid taggable resource type.")
            }
            if kind == "spot-instances-request" && spot == nil {
                // karpenter#5850
                throw .invalid("'\(kind)' is not a valid taggable resource type for this launch.")
            }
            guard seen.insert(kind).inserted else {
                throw .invalid("Tag specifications name '\(kind)' twice.")
            }
            try SimulatedEC2.checkTags(
                specification.tags, inMetadata: kind == "instance" && metadata.showsTags)
        }
    }
}

extension SimulatedEC2 {
    /// The rules for tags that are set together.
    static func checkTags(
        _ tags: [KeyValue], inMetadata: Bool
    ) throws(CloudFailure) {
        var keys: Set<String> = []
        for tag in tags {
            guard !tag.key.isEmpty, tag.key.count <= 128, tag.value.count <= 256 else {
                throw .invalid("Tag keys have 1 to 128 characters, values at most 256.")
            }
            guard !tag.key.hasPrefix("aws:") else {
                throw .invalid("Tag keys starting with 'aws:' are reserved for internal use")
            }
            guard keys.insert(tag.key).inserted else {
                throw .invalid("Duplicate tag key '\(tag.key)' specified.")
            }
            guard !inMetadata || isLegalInMetadata(tag.key) else {
                throw .invalid(
                    "'\(tag.key)' is not a valid tag key. Tag keys must match pattern "
                        + "([0-9a-zA-Z\\-_+=,.@:]{1,255}), and must not be a reserved name "
                        + "('.', '..', '_index')")
            }
        }
        guard keys.count <= 50 else { throw tagLimit }
    }

    static let tagLimit = CloudFailure(
        "TagLimitExceeded", "The maximum number of tags for the resource, 50, is exceeded.")

    /// Keys become path elements of the metadata service.
    static func isLegalInMetadata(_ key: String) -> Bool {
        guard ![".", "..", "_index"].contains(key) else { return false }
        return key.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "+-=.,_:@".utf8.contains(byte)
        }
    }
}

extension CloudFailure {
    static func invalid(_ message: String) -> CloudFailure {
        CloudFailure("InvalidParameterValue", message)
    }

    static func combination(_ message: String) -> CloudFailure {
        CloudFailure("InvalidParameterCombination", message)
    }

    static func missing(_ parameter: String) -> CloudFailure {
        CloudFailure(
            "MissingParameter", "The request must contain the parameter \(parameter)")
    }

    static func unknownInstance(_ ids: [String]) -> CloudFailure {
        CloudFailure(
            "InvalidInstanceID.NotFound",
            ids.count == 1
                ? "The instance ID '\(ids[0])' does not exist"
                : "The instance IDs '\(ids.joined(separator: ", "))' do not exist")
    }
}
