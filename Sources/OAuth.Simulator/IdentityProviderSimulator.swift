// IdentityProviderSimulator plays Microsoft Entra, Google and GitHub on one loopback port: their addresses, claims,
// errors and habits, with a sign-in page of its own. For demos and tests; it knows nothing of portals, and no portal
// that serves guests starts it.
//
// Reading order: IdentityProviderSimulator, SimulatedPerson, AuthorizationRequest, Grants, TokenRequest; then
// MicrosoftPaths, GooglePaths, GitHubPaths, each with its provider's habits; TokenSigner and SimulatorPage.

import HTTPServer
package import Logging
import NetworkAddress

/// A running simulator. Listens on loopback only.
package final class IdentityProviderSimulator: Sendable {
    private let server: Server
    private let responder: SimulatorResponder

    /// What applications are registered, and who there is to sign in.
    package init(
        port: UInt16 = 0, clients: [SimulatedClient], people: [SimulatedPerson] = SimulatedPerson.demo, logger: Logger
    ) throws {
        responder = SimulatorResponder(clients: clients, people: people, signer: try TokenSigner())
        server = Server(
            configuration: Server.Configuration(
                listeners: [Server.Listener(address: SocketAddress(ip: .loopback, port: port))], loops: 1),
            responder: responder, logger: logger)
    }

    /// Where the three providers are.
    package struct Addresses: Sendable {
        package var azureAuthority: String
        package var googleIssuer: String
        package var githubURL: String
        package var githubAPIURL: String

        init(origin: String) {
            azureAuthority = origin + "/microsoft"
            googleIssuer = origin + "/google"
            githubURL = origin + "/github"
            githubAPIURL = origin + "/github/api"
        }
    }

    /// Binds and serves; the addresses to configure a portal with.
    package func start() throws -> Addresses {
        let origin = "http://\(try server.start()[0])"
        return Addresses(origin: origin)
    }

    /// Closes every connection at once.
    package func stop() async { await server.shutdown(grace: .zero) }
}

/// An application registered at the simulated providers.
package struct SimulatedClient: Sendable {
    package var id: String
    package var secret: String
    /// Compared as a whole.
    package var redirectURIs: [String]

    package init(id: String, secret: String, redirectURIs: [String]) {
        self.id = id
        self.secret = secret
        self.redirectURIs = redirectURIs
    }
}
