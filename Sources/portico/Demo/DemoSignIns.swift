import Captive
import Foundation
import GuestPortal
import IdentityProviderSimulator
import NetworkAddress
import Storage

/// The demo's three ways to sign in: an integration and an instance for each provider, in a network of its own.
struct DemoSignIns {
    struct Way {
        let provider: AuthIntegration.Provider
        let integrationID: UUID
        let instanceID: UUID
        let network: String
        /// A guest of that network.
        let guest: (mac: String, ip: String)
        let tenant: String?
    }

    static let ways = [
        Way(
            provider: .azure, integrationID: id(0xA1), instanceID: id(0xB1), network: "10.6.0.0/16",
            guest: ("02:00:00:00:00:02", "10.6.0.11"), tenant: "common"),
        Way(
            provider: .google, integrationID: id(0xA2), instanceID: id(0xB2), network: "10.7.0.0/16",
            guest: ("02:00:00:00:00:03", "10.7.0.11"), tenant: nil),
        Way(
            provider: .github, integrationID: id(0xA3), instanceID: id(0xB3), network: "10.8.0.0/16",
            guest: ("02:00:00:00:00:04", "10.8.0.11"), tenant: nil),
    ]

    private static func id(_ last: UInt8) -> UUID {
        UUID(uuid: (0x51, 0x6E, 0x49, 0x4E, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, last))
    }

    private static let clientID = "portico-demo"
    /// The same at every start of a demo's folder.
    let secret: String

    /// The application as the simulated providers know it.
    func client(_ publicURL: PublicURL) -> SimulatedClient {
        SimulatedClient(
            id: Self.clientID, secret: secret,
            redirectURIs: Self.ways.map { SignInDesk.redirectURI($0.provider, publicURL) })
    }

    /// Writes what is not there yet; `model` lends the instances its looks.
    func prepare(_ services: Services, like model: Instance, now: Date) async throws {
        for way in Self.ways where try await services.store.instance(way.instanceID) == nil {
            guard let network = Subnet(way.network) else { throw CommandFailure("the demo's network is malformed") }
            if try await services.store.integration(way.integrationID) == nil {
                try await services.store.create(
                    AuthIntegration(
                        id: way.integrationID, workspace: model.workspace, name: "Demo \(way.provider.rawValue)",
                        provider: way.provider, clientID: Self.clientID, clientSecret: Secret(secret),
                        tenant: way.tenant, createdAt: now))
            }
            try await services.store.create(
                Instance(
                    id: way.instanceID, workspace: model.workspace, name: model.name, strategy: .oauth2,
                    sessionTTL: model.sessionTTL, integrationID: way.integrationID, theme: model.theme,
                    termsText: model.termsText,
                    sites: [Instance.SiteSubnets(siteID: DemoVenue.siteID, subnets: [network])], createdAt: now))
        }
    }
}
