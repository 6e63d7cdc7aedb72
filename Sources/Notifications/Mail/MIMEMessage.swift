import Captive
import Foundation

/// A message in two forms, plain text and HTML with the same words, for a reader to choose from (RFC 5322, RFC 2045,
/// RFC 2046 section 5.1.4). It says that a program wrote it (RFC 3834), so that nobody's absence note answers it.
struct MIMEMessage {
    var from: Mailbox
    var to: EmailAddress
    var subject: String
    var date: Date
    /// The same for every try, so that a reader's program can drop a repetition.
    var id: UUID
    /// With line feeds as line ends.
    var text: String
    /// As `text`.
    var html: String

    /// Header and body with CRLF as line ends, seven bits, no line of more than 78 characters but an address's.
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
