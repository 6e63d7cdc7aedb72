import Captive
import Testing

struct RouterSettingsTests {
    @Test func `sites share a RouterOS router with the same address, and no other gateway`() {
        let router = { (driver: RouterSettings.Driver, url: String?) in
            RouterSettings(driver: driver, url: url).sharedRouter
        }
        #expect(router(.routerosREST, "https://10.0.0.1") != nil)
        #expect(router(.routerosREST, "https://10.0.0.1") == router(.routerosREST, "https://10.0.0.1"))
        #expect(router(.routerosREST, "https://10.0.0.1") != router(.routerosREST, "https://10.0.0.2"))
        for driver in [RouterSettings.Driver.nftables, .opennds, .none] {
            #expect(router(driver, nil) == nil && router(driver, "https://10.0.0.1") == nil)
        }
    }
}
