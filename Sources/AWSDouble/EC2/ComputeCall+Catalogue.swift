import Simulation
import Training

/// Calls about what there is to launch with, and about spot requests.
extension ComputeCall {
    mutating func describeSpotInstanceRequests(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        var call = SimulatedEC2.DescribeSpotInstanceRequests()
        call.requestIDs = form.list("SpotInstanceRequestId")
        call.filters = try filters()
        call.maxResults = try form.number("MaxResults")
        call.nextToken = form.text("NextToken")
        call.dryRun = try dryRun()
        try form.finish()
        let page = try model.describeSpotInstanceRequests(call)
        return answer("DescribeSpotInstanceRequestsResponse") { xml in
            xml.element("spotInstanceRequestSet") { xml in
                for request in page.items { xml.item(request) }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func cancelSpotInstanceRequests(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let ids = form.list("SpotInstanceRequestId")
        let isDry = try dryRun()
        try form.finish()
        let requests = try model.cancelSpotInstanceRequests(ids, dryRun: isDry)
        return answer("CancelSpotInstanceRequestsResponse") { xml in
            xml.element("spotInstanceRequestSet") { xml in
                for request in requests {
                    xml.element("item") { xml in
                        xml.element("spotInstanceRequestId", request.id)
                        xml.element("state", request.state.rawValue)
                    }
                }
            }
        }
    }

    mutating func describeSpotPriceHistory(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let types = form.list("InstanceType")
        let zone = form.text("AvailabilityZone")
        let start = try form.moment("StartTime")
        _ = try form.moment("EndTime")
        for product in form.list("ProductDescription") where product != "Linux/UNIX" {
            throw CloudFailure("InvalidParameterValue", "\(product) is not modelled")
        }
        let cut = try Cut(&form)
        _ = try dryRun()
        try form.finish()
        let rows = try model.describeSpotPriceHistory(types: types, zone: zone, start: start)
        let page = try cut.page(of: rows)
        return answer("DescribeSpotPriceHistoryResponse") { xml in
            xml.element("spotPriceHistorySet") { xml in
                for row in page.items {
                    xml.element("item") { xml in
                        xml.element("instanceType", row.type)
                        xml.element("productDescription", "Linux/UNIX")
                        xml.element("spotPrice", XMLText.dollars(row.price))
                        xml.element("timestamp", WireTime(row.since).iso)
                        xml.element("availabilityZone", row.zone)
                    }
                }
            }
            xml.element("nextToken", page.nextToken ?? "")
        }
    }

    mutating func describeImages(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let ids = form.list("ImageId")
        let filters = try filters()
        let owners = form.list("Owner")
        let cut = try Cut(&form)
        _ = try form.flag("IncludeDeprecated")
        _ = try dryRun()
        try form.finish()
        let images = try model.describeImages(ids: ids, filters: filters)
        let owned = images.filter { image in
            owners.isEmpty || owners.contains(image.owner)
                || owners.contains(image.owner == "self" ? Cloud.account : "898082745236")
        }
        let page = try cut.page(of: owned)
        return answer("DescribeImagesResponse") { xml in
            xml.element("imagesSet") { xml in
                for image in page.items { xml.item(image, account: Cloud.account) }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func describeInstanceTypes(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let names = form.list("InstanceType")
        let filters = try filters()
        let cut = try Cut(&form, most: 100)
        _ = try dryRun()
        try form.finish()
        let types = try model.describeInstanceTypes(names, filters: filters)
        let page = try cut.page(of: types)
        return answer("DescribeInstanceTypesResponse") { xml in
            xml.element("instanceTypeSet") { xml in
                for type in page.items { xml.item(type) }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func describeInstanceTypeOfferings(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let kind = form.text("LocationType") ?? "region"
        guard ["region", "availability-zone"].contains(kind) else {
            throw CloudFailure("InvalidParameterValue", "LocationType \(kind) is not modelled")
        }
        let filters = try filters()
        let cut = try Cut(&form)
        _ = try dryRun()
        try form.finish()
        let offers = try model.describeInstanceTypeOfferings(
            byZone: kind == "availability-zone", filters: filters)
        let page = try cut.page(of: offers)
        return answer("DescribeInstanceTypeOfferingsResponse") { xml in
            xml.element("instanceTypeOfferingSet") { xml in
                for offer in page.items {
                    xml.element("item") { xml in
                        xml.element("instanceType", offer.type)
                        xml.element("locationType", kind)
                        xml.element("location", offer.location)
                    }
                }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func describeSubnets(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let ids = form.list("SubnetId")
        let filters = try filters()
        let cut = try Cut(&form)
        _ = try dryRun()
        try form.finish()
        let subnets = try model.describeSubnets(ids: ids, filters: filters)
        let zones = model.place.zones
        let page = try cut.page(of: subnets)
        return answer("DescribeSubnetsResponse") { xml in
            xml.element("subnetSet") { xml in
                for subnet in page.items {
                    let zone = zones.first { $0.name == subnet.zone }
                    xml.item(subnet, zoneID: zone?.id ?? "", account: Cloud.account)
                }
            }
            xml.element("nextToken", ifAny: page.nextToken)
        }
    }

    mutating func describeAvailabilityZones(
        _ model: inout SimulatedEC2
    ) throws(CloudFailure) -> Rendering {
        let names = form.list("ZoneName")
        _ = try form.flag("AllAvailabilityZones")
        _ = try dryRun()
        try form.finish()
        let zones = model.place.zones
        if let unknown = names.first(where: { name in !zones.contains { $0.name == name } }) {
            throw CloudFailure("InvalidParameterValue", "Invalid availability zone: [\(unknown)]")
        }
        return answer("DescribeAvailabilityZonesResponse") { [region] xml in
            xml.element("availabilityZoneInfo") { xml in
                for zone in zones where names.isEmpty || names.contains(zone.name) {
                    xml.element("item") { xml in
                        xml.element("zoneName", zone.name)
                        xml.element("zoneState", "available")
                        xml.element("zoneId", zone.id)
                        xml.element("regionName", region)
                        xml.element("optInStatus", "opt-in-not-required")
                        xml.element("zoneType", "availability-zone")
                    }
                }
            }
        }
    }
}

/// Pages of a list that the model gives whole.
private struct Cut {
    private let size: Int
    private let token: String?

    init(_ form: inout CallForm, most: Int = 1_000) throws(CloudFailure) {
        size = try form.number("MaxResults") ?? most
        token = form.text("NextToken")
        guard (5...most).contains(size) else {
            throw CloudFailure(
                "InvalidParameterValue", "Value (\(size)) for parameter MaxResults is invalid.")
        }
    }

    func page<Item>(
        of items: [Item]
    ) throws(CloudFailure) -> (items: [Item], nextToken: String?) {
        var start = 0
        if let token, !token.isEmpty {
            guard let place = Int(token), (0...items.count).contains(place) else {
                throw CloudFailure(
                    "InvalidNextToken", "The token '\(token)' is invalid")
            }
            start = place
        }
        let end = min(items.count, start + size)
        return (Array(items[start..<end]), end < items.count ? String(end) : nil)
    }
}

extension XMLText {
    /// Six decimals, as spot prices are written.
    fileprivate static func dollars(_ price: Double) -> String {
        let millionths = Int((price * 1_000_000).rounded())
        let fraction = String(1_000_000 + millionths % 1_000_000).dropFirst()
        return "\(millionths / 1_000_000).\(fraction)"
    }
}
