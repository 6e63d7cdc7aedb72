import Foundation
import HTTPServer

/// GitHub: form-encoded responses unless JSON is requested, errors with status 200, a REST API that requires
/// `User-Agent`.
extension SimulatorResponder {
    var githubRoutes: [Route] {
        [
            Route(.get, "/github/login/oauth/authorize") { try authorize($0, .github) },
            Route(.post, "/github/login/oauth/authorize") { try authorize($0, .github) },
            Route(.post, "/github/login/oauth/access_token") { try githubToken($0) },
            Route(.get, "/github/api/user") { githubUser($0) },
            Route(.get, "/github/api/user/emails") { githubEmails($0) },
        ]
    }

    private func githubToken(_ request: Request) throws -> Response {
        do {
            let grant = try redeem(request, .github)
            return githubAnswer(
                request,
                [
                    "access_token": grants.accessToken(for: grant), "scope": grant.request.scope,
                    "token_type": "bearer",
                ])
        } catch let refusal as TokenRefusal {
            let (error, text) =
                switch refusal {
                case .client: ("incorrect_client_credentials", "The client_id and/or client_secret are incorrect.")
                case .redirect: ("redirect_uri_mismatch", "The redirect_uri is not associated with this application.")
                case .grant, .tenant, .proof: ("bad_verification_code", "The code passed is incorrect or expired.")
                }
            return githubAnswer(request, ["error": error, "error_description": text])
        }
    }

    private func githubAnswer(_ request: Request, _ fields: [String: String]) -> Response {
        if request.headers["Accept"]?.contains("application/json") == true { return json(.ok, fields) }
        let form = SimulatorPage.query(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        return Response(
            .ok, headers: ["Content-Type": "application/x-www-form-urlencoded"], body: .bytes(Array(form.utf8)))
    }

    private func githubGrant(_ request: Request) -> Grant? {
        guard request.headers["User-Agent"]?.isEmpty == false, let field = request.headers["Authorization"],
            field.hasPrefix("Bearer ")
        else { return nil }
        return grants.grant(of: String(field.dropFirst("Bearer ".count)))
    }

    private func githubUser(_ request: Request) -> Response {
        guard let person = githubGrant(request)?.person else {
            return json(.unauthorized, ["message": "Bad credentials"])
        }
        return json(
            .ok,
            [
                "id": person.githubID, "login": person.githubLogin, "name": person.name, "email": NSNull(),
                "type": "User",
            ] as [String: Any])
    }

    /// One address per page, so that a client that reads only the first page gets an unverified address.
    private func githubEmails(_ request: Request) -> Response {
        guard let person = githubGrant(request)?.person else {
            return json(.unauthorized, ["message": "Bad credentials"])
        }
        let all: [[String: Any]] = [
            [
                "email": "\(person.githubLogin)@old.example", "primary": false, "verified": false,
                "visibility": NSNull(),
            ],
            ["email": person.email, "primary": true, "verified": true, "visibility": "private"],
        ]
        let page = Int(request.queryValue("page") ?? "") ?? 1
        guard (1...all.count).contains(page) else { return json(.ok, [[String: Any]]()) }
        var response = json(.ok, [all[page - 1]])
        if page < all.count {
            let next = "\(origin(request))\(request.path)?page=\(page + 1)"
            response.headers["Link"] = "<\(next)>; rel=\"next\""
        }
        return response
    }
}
