import Captive
import Foundation

/// A multipart message with the same content as plain text and HTML (RFC 5322, RFC 2045, RFC 2046 section 5.1.4). Its
/// `Auto-Submitted` field suppresses automatic replies (RFC 3834).
struct MIMEMessage {
    var from: Mailbox
    var to: EmailAddress
    var subject: String
    var date: Date
    /// The same for every attempt, so that mail programs can drop duplicates.
    var id: UUID
    /// Lines end with line feeds.
    var text: String
    /// Lines end with line feeds.
    var html: String

    /// Header and body in 7-bit characters with CRLF line ends. Only lines with addresses exceed 78 characters.
    var content: [UInt8] {
        let boundary = "portico-\(id.text)"
        let header = [
            "From: \(sender)", "To: \(to)", "Subject: \(EncodedWords.header(subject))", "Date: \(Self.date(date))",
            "Message-ID: <\(id.text)@\(from.address.domain)>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"",
        ]
        let parts = [("plain", text), ("html", html)].flatMap { type, body in
            [
                "--\(boundary)", "Content-Type: text/\(type); charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", QuotedPrintable.encode(body),
            ]
        }
        return Array(((header + [""] + parts + ["--\(boundary)--", ""]).joined(separator: "\r\n")).utf8)
    }

    private var sender: String {
        from.name.map { "\(EncodedWords.phrase($0)) <\(from.address)>" } ?? from.address.description
    }

    /// RFC 5322 section 3.3, in UTC.
    private static func date(_ date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return format.string(from: date)
    }
}
