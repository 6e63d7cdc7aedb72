import Captive
import Foundation
import Testing

@testable import Notifications

@Suite struct MailTests {
    private func message(subject: String = "Hello", from: String = "wifi@example.org", text: String = "Hi\n") throws
        -> String
    {
        let message = MIMEMessage(
            from: try #require(Mailbox(from)), to: try #require(EmailAddress("desk@example.org")), subject: subject,
            date: Date(timeIntervalSince1970: 1_800_000_000),
            id: try #require(UUID(uuidString: "00000000-0000-4000-8000-000000000001")), text: text, html: "<p>Hi</p>\n")
        return String(decoding: message.content, as: UTF8.self)
    }

    @Test func `a message has sender, date and Auto-Submitted`() throws {
        let lines = try message().components(separatedBy: "\r\n")
        for line in [
            "From: wifi@example.org", "To: desk@example.org", "Subject: Hello", "Date: Fri, 15 Jan 2027 08:00:00 +0000",
            "Message-ID: <00000000-0000-4000-8000-000000000001@example.org>", "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.count { $0.hasPrefix("--portico-") } == 3)
    }

    @Test(arguments: [
        "Line\r\nBcc: all@example.org", "Line\nX: y", "ünïcödé", "=?utf-8?Q?x?=", String(repeating: "long ", count: 60),
        String(repeating: "日本", count: 100),
    ])
    func `a subject is one field, and decodes to its text`(subject: String) throws {
        let content = try message(subject: subject)
        let head = try #require(content.components(separatedBy: "\r\n\r\n").first)
        let fields = head.replacing("\r\n ", with: " ").components(separatedBy: "\r\n")
        #expect(fields.count == 8)
        #expect(head.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 78 })
        let words = try #require(fields.first { $0.hasPrefix("Subject: ") }).dropFirst(9).split(separator: " ")
        let decoded = words.map { word in
            let base64 = word.replacing("=?utf-8?B?", with: "").replacing("?=", with: "")
            return Data(base64Encoded: String(base64)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
        }
        #expect(decoded.joined() == subject)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a=b", "a=3Db"), ("é", "=C3=A9"), ("end ", "end=20"), ("a\nb", "a\r\nb"), ("\r", "=0D"),
        ("\t", "=09"), (".", "."),
    ])
    func `text is encoded in seven bits`(text: String, expected: String) {
        #expect(QuotedPrintable.encode(text) == expected)
    }

    @Test func `a long line gets soft line breaks`() {
        let text = String(repeating: "0123456789=é ", count: 40) + "end"
        let lines = QuotedPrintable.encode(text).components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 } && lines.dropLast().allSatisfy { $0.hasSuffix("=") })
        let joined = lines.map { $0.hasSuffix("=") ? String($0.dropLast()) : $0 }.joined()
        #expect(joined.replacing("=C3=A9", with: "é").replacing("=3D", with: "=") == text)
    }

    @Test(
        arguments: [
            ("wifi@example.org", nil, "wifi@example.org"),
            ("Guest Wi-Fi <wifi@example.org>", "Guest Wi-Fi", "wifi@example.org"),
            ("\"Café\" <wifi@example.org>", "Café", "wifi@example.org"),
            ("<wifi@example.org>", nil, "wifi@example.org"),
        ] as [(String, String?, String)])
    func `a sender has an address and an optional name`(text: String, name: String?, address: String) throws {
        let mailbox = try #require(Mailbox(text))
        #expect(mailbox.name == name && mailbox.address.description == address)
    }

    @Test(arguments: ["", "wifi", "Wi-Fi <wifi>", "Wi-Fi wifi@example.org", "A\r\nB <wifi@example.org>", "<>"])
    func `an invalid sender is rejected`(text: String) { #expect(Mailbox(text) == nil) }

    @Test func `a sender's name is encoded unless it is alphanumeric`() throws {
        #expect(
            try message(from: "Guest Wi-Fi <wifi@example.org>").contains("From: Guest Wi-Fi <wifi@example.org>\r\n"))
        #expect(try message(from: "Café, Bar <wifi@example.org>").contains("From: =?utf-8?B?Q2Fmw6ksIEJhcg==?= <wifi@"))
    }

    @Test func `a mail has count, validity and link, and escapes names`() throws {
        let created = Date(timeIntervalSince1970: 1_761_739_200)
        let group = NotificationGroup(
            workspace: .default, name: "Desk & <Co>", emails: [], webhook: nil, createdAt: created)
        let notification = CouponNotification(
            groupID: group.id, scheduleID: UUID(), scheduleName: "Daily", instanceID: UUID(), count: 20,
            expiresAt: created + 28_800 + 1_800, timeZone: "Australia/Sydney", createdAt: created)
        let mail = NotificationMail(
            notification: notification, context: NotificationContext(group: group, instanceName: "Lobby", now: created),
            link: ("https://portal.example/captive/coupons?sid=1&expires=2", created + 86_400))
        #expect(mail.subject == "20 coupons for Lobby: Daily")
        #expect(
            mail.text.contains(
                "Valid for 8 hours 30 minutes, until Thursday, 30 October 2025, 07:30 (Australia/Sydney, GMT+11)."))
        #expect(mail.text.contains("https://portal.example/captive/coupons?sid=1&expires=2\n"))
        #expect(mail.html.contains("href=\"https://portal.example/captive/coupons?sid=1&amp;expires=2\""))
        #expect(mail.html.contains("Desk &amp; &lt;Co&gt;") && !mail.html.contains("<Co>"))
    }

    @Test(arguments: [
        (1, "1 minute"), (60, "1 hour"), (61, "1 hour 1 minute"), (1_440, "1 day"), (90_000, "62 days 12 hours"),
    ])
    func `a duration is formatted in words`(minutes: Int, words: String) {
        let start = Date(timeIntervalSince1970: 0)
        #expect(TimeSpan.text(from: start, to: start + Double(minutes * 60)) == words)
    }

    @Test func `an unknown zone is formatted as UTC`() {
        #expect(
            LocalTimeFormat.text(Date(timeIntervalSince1970: 0), in: "Mars/Base")
                == "Thursday, 1 January 1970, 00:00 (UTC)")
        #expect(
            LocalTimeFormat.text(Date(timeIntervalSince1970: 0), in: "Asia/Kolkata").hasSuffix(
                "05:30 (Asia/Kolkata, GMT+5:30)"))
    }
}
