package import Foundation

/// A guest that a gateway has intercepted. The data comes through the guest's browser, so the gateway has to confirm
/// the pair of addresses before the device is authorized.
package struct CapturedGuest: Sendable, Equatable {
    package var client: GatewayClient
    /// The address that the guest requested.
    package var destination: String?
    /// Set for a gateway that the portal cannot call.
    package var authURLs = ClientAuthURLs()

    package init(client: GatewayClient, destination: String? = nil, authURLs: ClientAuthURLs = ClientAuthURLs()) {
        self.client = client
        self.destination = destination
        self.authURLs = authURLs
    }
}

/// Addresses at a gateway to which the portal redirects the guest's browser. Each is valid for one guest, and secret
/// until that guest may be authorized.
package struct ClientAuthURLs: Sendable, Equatable {
    /// Authorizes the guest. The percent-encoded address to return to has to be appended. Nil if the gateway does not
    /// need the guest's browser for this.
    package var authenticate: String?
    /// Deauthorizes the guest.
    package var deauthenticate: String?

    package init(authenticate: String? = nil, deauthenticate: String? = nil) {
        self.authenticate = authenticate
        self.deauthenticate = deauthenticate
    }
}

/// A gateway for which the portal is openNDS's Forwarding Authentication Service (FAS): it sends guests to the portal
/// with its own parameters, and may call the portal itself.
package protocol FASGateway: Gateway {
    /// Reads the parameters of a request, which `field` returns by name. Returns nil if they are not this gateway's.
    /// Throws `.refused` for forged or invalid ones. `isSecure`: whether the request came over TLS.
    func capturedGuest(
        in field: @Sendable (String) -> String?, isSecure: Bool
    ) async throws(GatewayError) -> CapturedGuest?
    /// The response to a request of the gateway itself. Returns nil for a guest's request.
    func pollResponse(to field: @Sendable (String) -> String?) async -> String?
    /// Records that the guest's browser is being redirected to the gateway.
    func expect(_ client: GatewayClient) async
    /// Seconds until the guest's browser may be redirected to `url`, an authentication URL, for the session; nil if it
    /// may be now. Each URL authorizes one device, which need not be the session's, so their number is limited.
    func wait(before url: String, of sessionID: UUID) async -> Int?
    /// Throws `.misconfigured` if guests without a session are known not to reach `page`, an identity provider. Only
    /// the gateway's own settings can open it, not `openWindow`.
    func verifyReachable(_ page: WalledGardenRule) async throws(GatewayError)
    /// Whether the authorized `client` can be disconnected early, or already is. If not, the gateway is not asked to
    /// authorize it again for ten minutes, so that an admin can disconnect it at the gateway.
    func canDisconnect(_ client: GatewayClient) async -> Bool
}
