import Captive
import Foundation
import GuestPortal
import IdentityProviderSimulator
import NetworkAddress
import Storage

/// The demo's sign-in methods: an integration and an instance for each provider, each with its own network.
struct DemoSignIns {
    struct SignInMethod {
        let provider: AuthIntegration.Provider
        let integrationID: UUID
        let instanceID: UUID
        let network: String
        /// A guest on that network.
        let guest: (mac: String, ip: String)
        let tenant: String?
    }

    static let methods = [
        SignInMethod(
            provider: .azure, integrationID: id(0xA1), instanceID: id(0xB1), network: "10.6.0.0/16",
            guest: ("02:00:00:00:00:02", "10.6.0.11"), tenant: "common"),
        SignInMethod(
            provider: .google, integrationID: id(0xA2), instanceID: id(0xB2), network: "10.7.0.0/16",
            guest: ("02:00:00:00:00:03", "10.7.0.11"), tenant: nil),
        SignInMethod(
            provider: .github, integrationID: id(0xA3), instanceID: id(0xB3), network: "10.8.0.0/16",
            guest: ("02:00:00:00:00:04", "10.8.0.11"), tenant: nil),
    ]

    private static func id(_ last: UInt8) -> UUID {
        UUID(uuid: (0x51, 0x6E, 0x49, 0x4E, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, last))
    }

    private static let clientID = "portico-demo"
    /// The client secret, the same at each start with the same folder.
    let secret: String

    /// The client registration for the simulated providers.
    func client(_ publicURL: PublicURL) -> SimulatedClient {
        SimulatedClient(
            id: Self.clientID, secret: secret,
            redirectURIs: Self.methods.map { SignInServices.redirectURI($0.provider, publicURL) })
    }

    /// Creates missing integrations and instances. The instances get the theme and texts of `model`.
    func prepare(_ services: Services, like model: Instance, now: Date) async throws {
        for method in Self.methods where try await services.store.instance(method.instanceID) == nil {
            guard let network = Subnet(method.network) else { throw CommandFailure("the demo's network is malformed") }
            if try await services.store.integration(method.integrationID) == nil {
                try await services.store.create(
                    AuthIntegration(
                        id: method.integrationID, workspace: model.workspace, name: "Demo \(method.provider.rawValue)",
                        provider: method.provider, clientID: Self.clientID, clientSecret: Secret(secret),
                        tenant: method.tenant, createdAt: now))
            }
            try await services.store.create(
                Instance(
                    id: method.instanceID, workspace: model.workspace, name: model.name, strategy: .oauth2,
                    sessionTTL: model.sessionTTL, integrationID: method.integrationID, theme: model.theme,
                    termsText: model.termsText,
                    sites: [Instance.SiteSubnets(siteID: DemoVenue.siteID, subnets: [network])], createdAt: now))
        }
    }
}
