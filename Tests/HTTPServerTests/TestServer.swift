import Glibc
import Logging
import NetworkAddress

@testable import HTTPServer

/// A responder made of closures.
struct ClosureResponder: Responder {
    var immediately: @Sendable (Request) -> Response? = { _ in nil }
    var eventually: @Sendable (Request) async -> Response = { _ in Response(.notFound) }
    var limit = 1024
    var refusing: @Sendable (Status, String?) -> Response? = { _, _ in nil }

    func respondImmediately(to request: Request) -> Response? { immediately(request) }
    func respond(to request: Request) async -> Response { await eventually(request) }
    var bodyLimit: Int { limit }
    func refusal(_ status: Status, path: String?) -> Response? { refusing(status, path) }
}

/// A server on an unused loopback port.
struct TestServer {
    let server: Server
    let addresses: [SocketAddress]

    init(
        listeners: Int = 1, _ configure: (inout Server.Configuration) -> Void = { _ in }, responder: any Responder
    ) throws {
        let any = SocketAddress(ip: .loopback, port: 0)
        var configuration = Server.Configuration(
            listeners: Array(repeating: .init(address: any), count: listeners), loops: 2)
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        server = Server(configuration: configuration, responder: responder, logger: logger)
        addresses = try server.start()
    }

    init(
        _ configure: (inout Server.Configuration) -> Void = { _ in },
        immediately: @escaping @Sendable (Request) -> Response?
    ) throws {
        try self.init(configure, responder: ClosureResponder(immediately: immediately))
    }

    var port: UInt16 { addresses[0].port }

    func connect() throws -> TestClient { try TestClient(port: port) }

    func connect(from source: UInt32) throws -> TestClient { try TestClient(port: port, from: source) }

    func stop() async { await server.shutdown(grace: .seconds(5)) }
}
