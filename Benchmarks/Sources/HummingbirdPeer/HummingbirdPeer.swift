// The coupon page behind Hummingbird, with its own defaults: HTTP/1.1, one event loop for each core.

import CouponPage
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

@main
enum HummingbirdPeer {
    static func main() async throws {
        let (page, port) = try CouponPage.fromCommandLine()
        let router = Router()
        router.get("/preauth") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page.render())))
        }
        var logger = Logger(label: "peer")
        logger.logLevel = .warning
        let address = BindAddress.hostname("127.0.0.1", port: Int(port))
        let application = Application(router: router, configuration: .init(address: address), logger: logger)
        try await application.runService()
    }
}
