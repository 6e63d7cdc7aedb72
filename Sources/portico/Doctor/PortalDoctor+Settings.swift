import Captive
import Doctor
import Foundation
import HTTPClient
import HTTPServer
import NetworkAddress
import OAuth

extension PortalEndpoints {
    /// The endpoints of a portal with these settings. `plain` replaces the plain HTTP listener of the settings.
    init?(
        _ settings: Configuration, publicURL: PublicURL, plain: SocketAddress? = nil, authorities: String? = nil
    ) {
        let isAddress = IPAddress(publicURL.authority) != nil || SocketAddress(publicURL.authority) != nil
        // An http origin with an IP address is the listener itself, whatever address it is bound to.
        let known = publicURL.isSecure || !isAddress ? settings.http?.reachable.description : publicURL.hostAndPort
        self.init(
            origin: publicURL.description, plain: plain?.description ?? known,
            secure: settings.proxyProtocol ? nil : settings.https?.reachable.description,
            wantsProxyHeader: settings.proxyProtocol && plain == nil, authorities: authorities)
    }
}

extension PublicURL {
    /// Host and port, including the default port.
    fileprivate var hostAndPort: String { SocketAddress(authority) == nil ? authority + ":80" : authority }
}

extension SocketAddress {
    /// The address at which the listener is reachable from its own machine.
    fileprivate var reachable: SocketAddress {
        switch ip.description {
        case "0.0.0.0": SocketAddress(ip: .loopback, port: port)
        case "::": IPAddress("::1").map { SocketAddress(ip: $0, port: port) } ?? self
        default: self
        }
    }
}

extension Services {
    /// Returns a doctor for the sites of the database.
    func doctor(_ endpoints: PortalEndpoints, _ policy: RouterPolicy) -> PortalDoctor {
        PortalDoctor(
            store: store, policy: policy, gateways: gateways, signIns: signIns(endpoints.origin),
            gardens: planner(endpoints.origin), endpoints: endpoints, http: HTTPClient(connectionsPerHost: 8))
    }

    private func signIns(_ origin: String) -> SignInDirectory {
        let signatures = SignedURL(sealer: sealer)
        let redirectURI: @Sendable (AuthIntegration.Provider) -> String = { "\(origin)/oauth/\($0.rawValue)/callback" }
        return SignInDirectory(
            diagnose: { integration in
                await signIn.diagnose(integration, redirectURI: redirectURI(integration.provider)).map {
                    SignInDirectory.Check($0.name, passed: $0.passed, $0.detail)
                }
            }, redirectURI: redirectURI,
            testPath: { signatures.sign("/auth-test/\($0.text)", expires: Date() + 60) })
    }
}
