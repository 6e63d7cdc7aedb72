import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import HTTPServer
import Testing

/// Other services, on the portal's machine or elsewhere, that a workspace has set as its router.
@Suite struct ForeignServerTests {
    @Test(arguments: RouterKind.all) func `no connection is made to the portal's machine under any name`(
        _ kind: RouterKind
    ) async throws {
        let fixture = try RouterFixture(kind)
        var settings = fixture.settings
        settings.url = settings.url?.replacing("127.0.0.1", with: "localhost")
        let gateway = try GatewayFactory(http: HTTPClient(), policy: RouterPolicy())
            .makeGateway(for: settings, at: UUID())
        guard case .unreachable(let why) = await gateway.health().problem else {
            Issue.record("the router must not be reached")
            return
        }
        #expect(why.contains("routers.allow_local"))
        #expect(await fixture.gateway.health().problem == nil, "permitted by the operator")
    }

    @Test(arguments: [400, 403, 404, 406, 418, 500, 501, 503]) func `the text of another server is not repeated`(
        _ status: Int
    ) async throws {
        let body = #"{"error":{"code":"x"},"message":"the secret word","detail":"the secret word"}"#
        let explanation = try #require(try await problem(status: status, body: body)).explanation
        #expect(!explanation.contains("secret"))
        #expect(!explanation.contains("\(status)"))
    }

    @Test func `the message of RouterOS is repeated, truncated and printable`() async throws {
        let words = "failure: some\u{202E}thing\u{7} new " + String(repeating: "x", count: 300)
        let body = try #require(
            String(
                data: JSONSerialization.data(withJSONObject: ["error": 400, "message": "Bad Request", "detail": words]),
                encoding: .utf8))
        let explanation = try await problem(status: 400, body: body)?.explanation ?? ""
        #expect(explanation.contains("failure: some?thing? new xxx") && explanation.count < 260)
    }

    @Test func `a workspace that may not use the portal's machine cannot use its drivers`() throws {
        let tenant = try #require(Workspace(rawValue: "tenant"))
        let factory = GatewayFactory(http: HTTPClient(), policy: RouterPolicy())
        #expect(throws: GatewayError.self) {
            try factory.makeGateway(for: RouterSettings(driver: .nftables), at: UUID(), of: tenant)
        }
    }

    /// The result of `health` for a server that sends the same response to every request.
    private func problem(status: Int, body: String) async throws -> GatewayError? {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let server = Server(
            configuration: .init(listeners: [.init(address: address)]), responder: Fixed(status: status, body: body),
            logger: quietLogger)
        let bound = try server.start()[0]
        let settings = RouterSettings(
            driver: .routerosREST, url: "http://\(bound)", username: "u", password: Secret("p"))
        let gateway = try GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true))
            .makeGateway(for: settings, at: UUID())
        let problem = await gateway.health().problem
        await server.shutdown(grace: .zero)
        return problem
    }
}

private struct Fixed: Responder {
    let status: Int
    let body: String

    func respond(to request: Request) async -> Response {
        Response(
            Status(rawValue: status), headers: ["Content-Type": "application/json"], body: .bytes(Array(body.utf8)))
    }
}
