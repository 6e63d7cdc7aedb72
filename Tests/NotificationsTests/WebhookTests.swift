import Captive
import Crypto
import Foundation
import HTTPClient
import HTTPServer
import NetworkAddress
import Testing

@testable import Notifications

@Suite struct WebhookTests {
    private let receiver = WebhookReceiver()

    private func deliver(
        to path: String, allowsPrivate: Bool = true, url: String? = nil
    ) async throws -> (NotificationDelivery, DeliveryFailure?) {
        let port = try receiver.start()
        defer { receiver.stop() }
        let text = url?.replacing("PORT", with: "\(port)") ?? "http://127.0.0.1:\(port)\(path)"
        let group = NotificationGroup(
            workspace: .default, name: "Desk", emails: [],
            webhook: .init(url: try #require(WebhookURL(text)), secret: Secret("hush")), createdAt: Samples.now)
        let delivery = NotificationDelivery(
            notification: Samples.notification(group), target: .webhook, workspace: .default, attempts: 1,
            dueAt: Samples.now)
        let channel = WebhookChannel(
            client: HTTPClient(), link: try Samples.link(), allowsPrivate: allowsPrivate)
        do {
            try await channel.deliver(
                delivery, NotificationContext(group: group, instanceName: "Lobby", now: Samples.now))
            return (delivery, nil)
        } catch {
            return (delivery, error)
        }
    }

    @Test func `a call has the event, an id and a signature of its body`() async throws {
        let (delivery, failure) = try await deliver(to: "/ok")
        #expect(failure == nil)
        let request = try #require(receiver.requests.first)
        #expect(request.method == .post && request.headers["Content-Type"] == "application/json")
        #expect(request.headers["Portico-Event-ID"] == delivery.id.text)
        let body = try #require(JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])
        #expect(Set(body.keys) == ["event", "schedule_id", "instance_id", "count", "expires_at", "signed_url"])
        #expect(body["event"] as? String == "coupons.generated" && body["count"] as? Int == 20)
        #expect(body["schedule_id"] as? String == delivery.notification.scheduleID.text)
        #expect(body["expires_at"] as? String == "2027-01-15T16:00:00Z")
        let link = try #require(body["signed_url"] as? String)
        #expect(
            link.hasPrefix(
                "https://portal.example/captive/coupons?sid=\(delivery.notification.scheduleID.text)&expires="))
        let expected = HMAC<SHA256>.authenticationCode(
            for: Array("1800000000.".utf8) + request.body, using: SymmetricKey(data: Array("hush".utf8)))
        let hex = expected.map { String(format: "%02x", $0) }.joined()
        #expect(request.headers["Portico-Signature"] == "t=1800000000,v1=\(hex)")
    }

    /// From `printf '1.{}' | openssl dgst -sha256 -hmac key`.
    @Test func `a signature matches that of other implementations`() {
        #expect(
            WebhookSignature.value(of: Array("{}".utf8), secret: "key", now: Date(timeIntervalSince1970: 1))
                == "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224")
    }

    @Test(
        arguments: [("/ok", nil), ("/created", nil), ("/endless", nil), ("/gone", true), ("/broken", false)]
            as [(String, Bool?)])
    func `the response's status decides, and its body is ignored`(path: String, isFinal: Bool?) async throws {
        #expect(try await deliver(to: path).1?.isFinal == isFinal)
    }

    @Test func `a redirect is not followed`() async throws {
        let (_, failure) = try await deliver(to: "/redirect")
        #expect(failure == DeliveryFailure("The webhook returned 302, a redirect, which is not followed."))
        #expect(receiver.requests.map(\.path) == ["/redirect"])
    }

    @Test(arguments: [
        "https://127.0.0.1:PORT/", "https://localhost:PORT/", "https://[::1]:PORT/", "https://[::ffff:127.0.0.1]:PORT/",
        "https://2130706433:PORT/", "https://0x7f.1:PORT/", "https://0.0.0.0:PORT/",
    ])
    func `a private address in any notation is not connected to`(url: String) async throws {
        let (_, failure) = try await deliver(to: "/ok", allowsPrivate: false, url: url)
        #expect(
            failure?.reason == "The webhook's address is private or special; set webhooks.allow_private to allow it.")
        #expect(receiver.requests.isEmpty)
    }

    @Test func `http is rejected unless private addresses are allowed`() async throws {
        let (_, failure) = try await deliver(to: "/ok", allowsPrivate: false)
        #expect(failure?.reason == "The webhook's address must be https.")
        #expect(receiver.requests.isEmpty)
    }

    @Test func `an unreachable receiver is retried`() async throws {
        let (_, failure) = try await deliver(to: "/", url: "http://127.0.0.1:1/")
        #expect(failure?.isFinal == false && failure?.reason.hasPrefix("The webhook cannot be reached") == true)
    }
}
