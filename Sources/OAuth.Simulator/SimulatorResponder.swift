import Foundation
import HTTPServer

/// Serves the three providers.
struct SimulatorResponder: Responder {
    let clients: [SimulatedClient]
    let people: [SimulatedPerson]
    let signer: TokenSigner
    let grants = Grants()
    let bodyLimit = 65_536

    init(clients: [SimulatedClient], people: [SimulatedPerson], signer: TokenSigner) {
        self.clients = clients
        self.people = people
        self.signer = signer
    }

    private var router: HTTPServer.Router { HTTPServer.Router(microsoftRoutes + googleRoutes + githubRoutes) }

    func match(_ method: Method, _ path: String) -> HTTPServer.Router.Match { router.match(method, path) }

    func respond(to request: Request) async -> Response {
        guard case .found(let route, _) = request.match else { return .text(.notFound, "Not found\n") }
        return (try? await route.handler(request)) ?? .text(.badRequest, "Bad request\n")
    }

    /// The origin that the browser used.
    func origin(_ request: Request) -> String { "http://\(request.authority)" }

    func json(_ status: Status, _ fields: Any) -> Response {
        Response(
            status,
            headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: .bytes(JSONText.bytes(fields)))
    }

    func published(_ fields: Any) -> Response {
        var response = json(.ok, fields)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    }

    func page(_ html: String, _ status: Status = .ok) -> Response {
        Response(
            status,
            headers: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ], body: .bytes(Array(html.utf8)))
    }

    // MARK: Sign-in page

    /// GET shows the sign-in page; POST redirects to the application. Errors that real providers show on their own page
    /// are shown here.
    func authorize(_ request: Request, _ flavor: Flavor) throws -> Response {
        let asked = Self.authorizationRequest(request, flavor)
        if let refusal = refusal(of: asked, request) {
            return page(SimulatorPage.refusal(refusal, flavor), .badRequest)
        }
        guard request.method == .post else { return page(SimulatorPage.choice(people, asked)) }
        let chosen = try request.formFields()["person"]
        guard let person = people.first(where: { $0.id == chosen }) else {
            return back(asked, request, [("error", "access_denied"), ("error_description", Self.denial(flavor))])
        }
        if flavor == .microsoft, let refusal = person.refusal {
            return back(asked, request, [("error", refusal.error), ("error_description", refusal.description)])
        }
        return back(asked, request, [("code", grants.code(for: Grant(request: asked, person: person)))])
    }

    private static func denial(_ flavor: Flavor) -> String {
        switch flavor {
        case .microsoft: "the user canceled the authentication"
        case .google: "The user denied access"
        case .github: "The user has denied your application access."
        }
    }

    private func back(_ asked: AuthorizationRequest, _ request: Request, _ answer: [(String, String)]) -> Response {
        var fields = answer
        if let state = asked.state { fields.append(("state", state)) }
        if asked.flavor == .google { fields.append(("iss", origin(request) + "/google")) }
        if asked.flavor == .microsoft { fields.append(("session_state", "0f0e0d0c")) }
        return .redirect(.seeOther, to: asked.redirectURI + "?" + SimulatorPage.query(fields))
    }

    private func refusal(of asked: AuthorizationRequest, _ request: Request) -> String? {
        guard let client = clients.first(where: { $0.id == asked.clientID }) else {
            return asked.flavor == .microsoft
                ? "AADSTS700016: Application not found in the directory." : "invalid_client"
        }
        guard client.redirectURIs.contains(asked.redirectURI) else {
            return asked.flavor == .microsoft
                ? "AADSTS50011: The redirect URI specified in the request does not match." : "redirect_uri_mismatch"
        }
        guard request.queryValue("response_type") == "code" else { return "unsupported_response_type" }
        guard asked.flavor == .github || asked.challengeMethod == "S256" else { return "code_challenge required" }
        let agent = request.headers["User-Agent"] ?? ""
        if asked.flavor == .google, Self.isEmbedded(agent) {
            return "Error 403: disallowed_useragent. Google does not allow sign-in from a browser embedded in an app."
        }
        return nil
    }

    /// Whether the `User-Agent` is that of a browser embedded in an app.
    private static func isEmbedded(_ agent: String) -> Bool {
        if agent.contains("; wv)") { return true }
        let isApple = ["iPhone", "iPad", "iPod", "Macintosh"].contains(where: agent.contains)
        return isApple && agent.contains("AppleWebKit") && !agent.contains("Safari/")
    }

    private static func authorizationRequest(_ request: Request, _ flavor: Flavor) -> AuthorizationRequest {
        let fields = request.queryParameters()
        return AuthorizationRequest(
            flavor: flavor, tenant: request.pathParameters["tenant"] ?? "", clientID: fields["client_id"] ?? "",
            redirectURI: fields["redirect_uri"] ?? "", scope: fields["scope"] ?? "", state: fields["state"],
            nonce: fields["nonce"], challenge: fields["code_challenge"],
            challengeMethod: fields["code_challenge_method"], domainHint: fields["hd"])
    }

    // MARK: Token requests

    /// Why a token request is refused.
    enum TokenRefusal: Error { case client, grant, redirect, proof, tenant }

    /// The grant that a token request redeems. The code cannot be used again, even if the request fails.
    func redeem(_ request: Request, _ flavor: Flavor) throws -> Grant {
        let form = try request.formFields()
        guard let client = clients.first(where: { $0.id == form["client_id"] }), client.secret == form["client_secret"]
        else { throw TokenRefusal.client }
        guard let grant = form["code"].flatMap(grants.redeem), grant.request.flavor == flavor,
            grant.request.clientID == client.id
        else { throw TokenRefusal.grant }
        guard grant.request.redirectURI == form["redirect_uri"] else { throw TokenRefusal.redirect }
        guard grant.request.tenant == request.pathParameters["tenant"] ?? "" else { throw TokenRefusal.tenant }
        guard grant.isProved(by: form["code_verifier"]) else { throw TokenRefusal.proof }
        return grant
    }

    /// Claims of all ID tokens.
    func standardClaims(_ grant: Grant, issuer: String, subject: String) -> [String: Any] {
        let now = Int(Date().timeIntervalSince1970)
        var claims: [String: Any] = [
            "iss": issuer, "aud": grant.request.clientID, "sub": subject, "iat": now, "exp": now + 3_600,
            "name": grant.person.name, "email": grant.person.email,
        ]
        claims["nonce"] = grant.request.nonce
        return claims
    }

    func tokens(_ grant: Grant, _ claims: [String: Any]) throws -> Response {
        json(
            .ok,
            [
                "token_type": "Bearer", "expires_in": 3_599, "scope": grant.request.scope,
                "access_token": grants.accessToken(for: grant), "id_token": try signer.token(claims),
            ] as [String: Any])
    }
}
