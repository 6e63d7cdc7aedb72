import Testing

@testable import HTTPServer

struct RouterTests {
    private let router = Router(
        [
            ("GET", "/"), ("GET", "/instances"), ("POST", "/instances"), ("GET", "/instances/{id}"),
            ("DELETE", "/instances/{id}/images/{type}"), ("GET", "/instances/new"), ("GET", "/assets/{rest...}"),
            ("GET", "/{page}"), ("HEAD", "/special"), ("GET", "/special"), ("GET", "/instances/new/{id}/x"),
        ].map { (method: HTTPServer.Method, pattern: String) in Route(method, pattern) { _ in Response(.ok) } })

    private func found(_ method: HTTPServer.Method, _ path: String) -> (String, [String: String])? {
        guard case .found(let route, let parameters) = router.match(method, path) else { return nil }
        return ("\(route.method) \(route.pattern)", parameters)
    }

    @Test(
        arguments: [
            ("/", "GET /", [:]), ("/instances", "GET /instances", [:]),
            ("/instances/7", "GET /instances/{id}", ["id": "7"]),
            ("/instances/new", "GET /instances/new", [:]),
            ("/assets/a/b.css", "GET /assets/{rest...}", ["rest": "a/b.css"]),
            ("/assets/", "GET /assets/{rest...}", ["rest": ""]), ("/about", "GET /{page}", ["page": "about"]),
            ("/instances/new/7/x", "GET /instances/new/{id}/x", ["id": "7"]),
            ("/é b", "GET /{page}", ["page": "é b"]),
        ] as [(String, String, [String: String])]) func `the route of a path is found`(
            _ path: String, _ route: String, _ parameters: [String: String]
        )
    {
        #expect(found("GET", path)?.0 == route)
        #expect(found("GET", path)?.1 == parameters)
    }

    @Test func `if a literal segment leads to no route, the parameter is used`() {
        #expect(found("DELETE", "/instances/new/images/logo")?.1 == ["id": "new", "type": "logo"])
    }

    @Test func `HEAD uses the GET route unless it has its own`() {
        #expect(found("HEAD", "/instances")?.0 == "GET /instances")
        #expect(found("HEAD", "/special")?.0 == "HEAD /special")
    }

    @Test func `an unsupported method of a known path returns the allowed methods`() {
        guard case .methodNotAllowed(let allow) = router.match("PUT", "/instances") else {
            Issue.record("no 405")
            return
        }
        #expect(allow == ["GET", "HEAD", "POST"])
    }

    @Test(arguments: ["/nowhere/at/all", "/instances/7/", "/instances//images", "//", "*", "/instances/7/images"])
    func `an unknown path is not found`(_ path: String) {
        guard case .notFound = router.match("GET", path) else {
            Issue.record("\(path) was found")
            return
        }
    }
}
