/// A message and its envelope (RFC 5321 section 2.3.1).
package struct MailMessage: Sendable {
    /// Where failures are reported to; an address without brackets, spaces and line breaks.
    package let sender: String
    /// As `sender`.
    package let recipient: String
    /// Header and body (RFC 5322) with CRLF as line ends. Dots at the start of a line are as they should arrive.
    package let content: [UInt8]

    package init(sender: String, recipient: String, content: [UInt8]) {
        self.sender = sender
        self.recipient = recipient
        self.content = content
    }
}
