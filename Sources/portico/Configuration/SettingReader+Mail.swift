import Foundation
import HTTPClient
import Notifications

/// The mail server and the sender of mails.
struct MailSettings: Sendable {
    var server: MailServer
    var sender: Mailbox
}

extension SettingReader {
    /// Returns server and sender; nil if neither is set.
    mutating func mailSettings() -> MailSettings? {
        let server = read(.smtpURL, "an address such as smtp://user:pass@mail.example.org:587?tls=required") {
            MailServer(url: $0)
        }
        let sender = read(.smtpFrom, "an address such as wifi@example.org, or Name <wifi@example.org>") { Mailbox($0) }
        check((text(.smtpURL) == nil) == (text(.smtpFrom) == nil)) {
            "set both smtp.url and smtp.from, or neither"
        }
        let authorities = file(.smtpCACertificate)
        guard var server, let sender else { return nil }
        server.extraAuthorities = authorities
        return MailSettings(server: server, sender: sender)
    }
}
