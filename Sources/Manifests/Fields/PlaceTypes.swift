/// Where on AWS a machine may be: a region, and perhaps a zone of it.
struct Place: Hashable, Sendable {
    var region: String?
    var zone: String?

    /// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
    static func isRegion(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.wholeMatch(of: /[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}/) != nil
    }

    /// The region of a zone (`us-east-1a`) or of a local zone (`us-west-2-lax-1a`); nil when it is
    /// neither.
    static func region(ofZone text: String) -> String? {
        let form = /([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})(?:-[a-z]{3}-[0-9]{1,2})?[a-z]/
        guard text.utf8.count <= 48 else { return nil }
        return text.wholeMatch(of: form).map { String($0.1) }
    }
}

private let regionForm = "a region like us-east-1"
private let zoneForm = "a zone like us-east-1a"

extension ValueType<String> {
    static let region = ValueType.strings(
        "AWS region",
        schema: ["type": "string", "pattern": "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$"]
    ) { text, position, findings in
        guard Place.isRegion(text) else {
            let zone = Place.region(ofZone: text) != nil
            findings.report(
                "expected \(regionForm)" + (zone ? "; this is a zone" : ""), at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }

    static let zone = ValueType.strings(
        "availability zone", schema: ["type": "string", "pattern": "^[a-z0-9-]+[0-9][a-z]$"]
    ) { text, position, findings in
        guard Place.region(ofZone: text) != nil else {
            findings.report(
                "expected \(zoneForm)" + (Place.isRegion(text) ? "; this is a region" : ""),
                at: position)
            return nil
        }
        return text
    } show: {
        .string($0)
    }
}

extension ValueType<Place> {
    /// SkyPilot's cloud, region and zone in one; `*` leaves a part open.
    static let infra = ValueType.strings(
        "`aws`, `aws/REGION` or `aws/REGION/ZONE`",
        schema: ["type": "string", "pattern": #"^aws(/(\*|[a-z0-9-]+)){0,2}$"#]
    ) { text, position, findings in
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.first?.lowercased() == "aws" else {
            findings.report(
                "only AWS is supported: expected aws, aws/us-east-1 or aws/us-east-1/us-east-1a",
                at: position)
            return nil
        }
        let named = parts.dropFirst().map { $0 == "*" ? nil : $0 }
        let region = named.first ?? nil
        let zone = named.dropFirst().first ?? nil
        guard parts.count <= 3, region.map(Place.isRegion) ?? true,
            zone.map({ Place.region(ofZone: $0) != nil }) ?? true
        else {
            findings.report(
                "expected aws, aws/us-east-1 or aws/us-east-1/us-east-1a", at: position)
            return nil
        }
        return Place(region: region, zone: zone)
    } show: { _ in
        nil
    }
}
