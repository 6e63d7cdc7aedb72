// IdentityProviderSimulator simulates Microsoft Entra, Google and GitHub on one loopback port: their URLs, claims,
// errors and peculiarities, with its own sign-in page. For demos and tests only. It must not depend on the portal.
//
// Reading order: IdentityProviderSimulator, SimulatedPerson, AuthorizationRequest, Grants, TokenRequest; then
// MicrosoftPaths, GooglePaths, GitHubPaths, each with its provider's peculiarities; TokenSigner and SimulatorPage.

import HTTPServer
package import Logging
import NetworkAddress

/// The simulator's server. Listens on loopback only.
package final class IdentityProviderSimulator: Sendable {
    private let server: Server
    private let responder: SimulatorResponder

    /// `clients` are the registered applications, `people` the accounts on the sign-in page. Port 0 lets the system
    /// choose.
    package init(
        port: UInt16 = 0, clients: [SimulatedClient], people: [SimulatedPerson] = SimulatedPerson.demo, logger: Logger
    ) throws {
        responder = SimulatorResponder(clients: clients, people: people, signer: try TokenSigner())
        server = Server(
            configuration: Server.Configuration(
                listeners: [Server.Listener(address: SocketAddress(ip: .loopback, port: port))], loops: 1),
            responder: responder, logger: logger)
    }

    /// URLs of the three providers.
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

    /// Starts the server and returns the URLs for a portal's configuration.
    package func start() throws -> Addresses {
        let origin = "http://\(try server.start()[0])"
        return Addresses(origin: origin)
    }

    /// Stops the server and closes all connections at once.
    package func stop() async { await server.shutdown(grace: .zero) }
}

/// An application registered at the simulated providers.
package struct SimulatedClient: Sendable {
    package var id: String
    package var secret: String
    /// Compared by exact match.
    package var redirectURIs: [String]

    package init(id: String, secret: String, redirectURIs: [String]) {
        self.id = id
        self.secret = secret
        self.redirectURIs = redirectURIs
    }
}
