/// A message and its envelope (RFC 5321 section 2.3.1).
package struct MailMessage: Sendable {
    /// Address for delivery failures, without brackets, spaces and line breaks.
    package let sender: String
    /// Recipient's address, without brackets, spaces and line breaks.
    package let recipient: String
    /// Header and body (RFC 5322) with CRLF line ends. Dots at the start of a line are not doubled.
    package let content: [UInt8]

    package init(sender: String, recipient: String, content: [UInt8]) {
        self.sender = sender
        self.recipient = recipient
        self.content = content
    }
}
