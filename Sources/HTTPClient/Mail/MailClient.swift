/// Hands messages to one mail server (SMTP, RFC 5321). Connections are kept for later messages, at most two at a time.
package final class MailClient: Sendable {
    private let loop: TransferLoop
    private let server: MailServer
    private let name: String?
    private let timeout: Duration

    /// `name` is what the portal calls itself (EHLO), a domain; the machine's name if nil. `timeout` is for one
    /// message, waiting for a connection included.
    package init(_ server: MailServer, name: String?, timeout: Duration = .seconds(30)) {
        loop = TransferLoop(connectionsPerHost: 2)
        self.server = server
        self.name = name
        self.timeout = timeout
        loop.start()
    }

    deinit { loop.stop() }

    /// Returns when the server has taken the message. Cancelling the task breaks it off.
    package func send(_ message: MailMessage) async throws(MailError) { try await perform(message) }

    /// Connects, says hello, encrypts and signs in, and sends nothing.
    package func check() async throws(MailError) { try await perform(nil) }

    private func perform(_ message: MailMessage?) async throws(MailError) {
        let (server, name, timeout) = (server, name, timeout)
        let result: Result<Void, MailError> = await loop.perform { id, finish in
            MailTransfer(id: id, server: server, name: name, message: message, timeout: timeout, finish: finish)
        }
        try result.get()
    }
}
