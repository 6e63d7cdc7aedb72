/// Sends messages through one mail server (SMTP, RFC 5321). Reuses connections; opens at most two.
package final class MailClient: Sendable {
    private let loop: TransferLoop
    private let server: MailServer
    private let name: String?
    private let timeout: Duration

    /// `name` is the domain sent with EHLO; nil sends the machine's name. `timeout` covers one message, including the
    /// wait for a connection.
    package init(_ server: MailServer, name: String?, timeout: Duration = .seconds(30)) {
        loop = TransferLoop(connectionsPerHost: 2)
        self.server = server
        self.name = name
        self.timeout = timeout
        loop.start()
    }

    deinit { loop.stop() }

    /// Returns when the server has accepted the message. Cancelling the task cancels the transfer.
    package func send(_ message: MailMessage) async throws(MailError) { try await perform(message) }

    /// Connects, sends EHLO, negotiates TLS and signs in, without sending a message.
    package func check() async throws(MailError) { try await perform(nil) }

    private func perform(_ message: MailMessage?) async throws(MailError) {
        let (server, name, timeout) = (server, name, timeout)
        let result: Result<Void, MailError> = await loop.perform { id, finish in
            MailTransfer(id: id, server: server, name: name, message: message, timeout: timeout, finish: finish)
        }
        try result.get()
    }
}
