package import Captive
package import NetworkAddress

/// The gateway of a site without a controlled router: it confirms every call and does nothing.
package struct NoopGateway: Gateway {
    package init() {}

    package var seesDevices: Bool { false }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    package func revoke(_ client: GatewayClient) async throws(GatewayError) {}
    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { [] }
    package func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? { nil }
    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool { true }
    package func health() async -> GatewayHealth { GatewayHealth() }
}
