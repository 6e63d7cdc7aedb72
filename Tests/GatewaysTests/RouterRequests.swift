import Captive
import Foundation
import GatewaySimulator
import HTTPClient
import Testing

extension RouterFixture {
    /// A request that an admin sends to the router directly.
    @discardableResult
    func send(
        _ method: String, _ target: String, _ body: [String: String]? = nil, credentials: String = "router-password"
    ) async throws -> HTTPResponse {
        let bytes = try body.map { Array(try JSONEncoder().encode($0)) }
        return try await HTTPClient().send(
            HTTPRequest(
                method, "\(url)/rest/\(target)", body: bytes,
                credentials: .init(user: "portico", password: credentials)))
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
