import TestSupport
import Testing
import Training

struct MemoryInstanceProviderTests {
    @Test("the provider in memory that other tests rely on → keeps the port's promises")
    func contract() async {
        for market in [Market.onDemand, .spot] {
            let request = LaunchRequest(
                clientToken: "t", region: "local", market: market, shutdownBehavior: .terminate,
                tags: [Tag.scope: "s"], userData: "u")
            let contract = InstanceProviderContract(
                MemoryInstanceProvider(), request: request, except: [.noOfferings, .noConsole])
            let findings = await contract.findings()
            #expect(findings == [])
        }
    }
}
