import Foundation
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import Synchronization

/// A portal's listener, plain or TLS, with configurable responses; correct by default.
final class FakePortal: Responder {
    struct Answers: Sendable {
        /// The response to requests for hosts that are not the portal's.
        var probe: @Sendable (FakePortal) -> Response = { $0.redirect("/hotspot/x") }
        var api: @Sendable (FakePortal) -> Response = {
            $0.json("{\"captive\":true,\"user-portal-url\":\"\($0.origin)/\"}")
        }
        var entry: @Sendable (FakePortal) -> Response = { $0.redirect("/preauth?token=t") }
        var page = Response.html("<form method=post>")
        var testPage = Response.html("a test")
    }

    let origin: String
    private let answers: Mutex<Answers>
    private let asked = Mutex<[String]>([])
    private let server = Mutex<Server?>(nil)

    init(origin: String, _ change: (inout Answers) -> Void = { _ in }) {
        self.origin = origin
        var all = Answers()
        change(&all)
        answers = Mutex(all)
    }

    /// The requests so far, as `HOST PATH`.
    var requests: [String] { asked.withLock { $0 } }

    func start(at address: SocketAddress, tls: Server.TLSConfiguration? = nil) throws -> SocketAddress {
        let server = Server(
            configuration: .init(listeners: [.init(address: address, tls: tls)], loops: 1), responder: self,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.server.withLock { $0 = server }
        return try server.start()[0]
    }

    func stop() async { await server.withLock { $0 }?.shutdown(grace: .zero) }

    func respond(to request: Request) async -> Response { answer(request) }
    func respondImmediately(to request: Request) -> Response? { answer(request) }

    private func answer(_ request: Request) -> Response {
        asked.withLock { $0.append("\(request.authority) \(request.path)") }
        let answers = answers.withLock { $0 }
        guard origin.hasSuffix("//" + request.authority) else { return answers.probe(self) }
        return switch request.path {
        case "/captive-portal/api": answers.api(self)
        case "/preauth": answers.page
        case _ where request.path.hasPrefix("/hotspot/"): answers.entry(self)
        case _ where request.path.hasPrefix("/auth-test/"): answers.testPage
        default: .text(.notFound, "Not Found")
        }
    }

    func redirect(_ path: String) -> Response { .redirect(.found, to: origin + path) }

    func json(_ text: String, type: String = "application/captive+json") -> Response {
        Response(.ok, headers: ["Content-Type": type], body: .bytes(Array(text.utf8)))
    }
}

extension Response {
    static func html(_ text: String) -> Response {
        Response(.ok, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }
}
