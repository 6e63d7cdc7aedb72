// These tests send to real listeners on loopback. Reading order: Samples, WebhookReceiver,
// then a file for each subject.

import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import Synchronization
import Testing

@testable import Notifications

enum Samples {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func link() throws -> CouponLink {
        CouponLink(
            publicURL: "https://portal.example", sealer: try #require(Sealer(keys: [Array(repeating: 7, count: 32)])))
    }

    static func notification(_ group: NotificationGroup, instanceID: UUID = UUID()) -> CouponNotification {
        CouponNotification(
            groupID: group.id, scheduleID: UUID(), scheduleName: "Daily", instanceID: instanceID, count: 20,
            expiresAt: now + 28_800, timeZone: "Australia/Sydney", createdAt: now)
    }
}

/// A webhook receiver that records requests.
final class WebhookReceiver: Responder {
    private let received = Mutex<[Request]>([])
    private let server = Mutex<Server?>(nil)

    var requests: [Request] { received.withLock { $0 } }

    func start() throws -> UInt16 {
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let server = Server(
            configuration: .init(listeners: [.init(address: address)], loops: 1), responder: self,
            logger: Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() })
        let port = try server.start()[0].port
        self.server.withLock { $0 = server }
        return port
    }

    func stop() {
        let server = server.withLock { $0 }
        Task { await server?.shutdown(grace: .zero) }
    }

    let bodyLimit = 1 << 20

    func respondImmediately(to request: Request) -> Response? {
        received.withLock { $0.append(request) }
        return switch request.path {
        case "/created": Response(.created)
        case "/endless": Response(.ok, body: .bytes([UInt8](repeating: 0x61, count: 8_000_000)))
        case "/gone": .text(.gone, "gone")
        case "/broken": .text(.internalServerError, "broken")
        case "/redirect": .redirect(.found, to: "/ok")
        default: .text(.ok, "thanks")
        }
    }

    func respond(to request: Request) async -> Response { .text(.ok, "thanks") }
}
