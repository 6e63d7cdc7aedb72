// The coupon page behind FlyingFox, with its own defaults.

import CouponPage
import FlyingFox
import FlyingSocks
import Foundation

@main
enum FlyingFoxPeer {
    static func main() async throws {
        let (page, port) = try CouponPage.fromCommandLine()
        let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
        await server.appendRoute("GET /preauth") { _ in
            HTTPResponse(
                statusCode: .ok,
                headers: [.contentType: "text/html; charset=utf-8", HTTPHeader("Cache-Control"): "no-store"],
                body: Data(page.render().utf8))
        }
        try await server.run()
    }
}
