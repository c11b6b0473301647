import Synchronization
package import Training

/// EC2 in every region, each made when it is first asked for.
package final class EC2Providers: InstanceProviders {
    private let client: AWSClient
    private let prices: PriceTable
    private let clock: any WallClock
    private let providers = Mutex<[String: EC2Provider]>([:])

    package init(
        _ client: AWSClient, prices: PriceTable = .published, clock: any WallClock
    ) {
        self.client = client
        self.prices = prices
        self.clock = clock
    }

    package subscript(region: String) -> any InstanceProvider {
        providers.withLock { providers in
            if let known = providers[region] { return known }
            let provider = EC2Provider(
                EC2(client, region: region), parameters: SSM(client, region: region),
                prices: prices, clock: clock)
            providers[region] = provider
            return provider
        }
    }
}
