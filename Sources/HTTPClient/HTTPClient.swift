// HTTPClient sends HTTP requests and mail through libcurl, and opens connections for protocols of its callers' own: one
// thread drives all transfers, connections are kept and shared. It owns timeouts, limits, trust and the wording of
// failures, and knows nothing of routers or identity providers.
//
// Reading order: HTTPRequest, HTTPResponse, ServerCertificate, HTTPClientError, HTTPClient, TransferLoop, Transfer,
// HTTPTransfer and its Setup, then Mail/MailServer, MailClient, MailTransfer, and Links/Connection, Link, LinkTable.

/// Sends requests from any task. Connections are kept alive for later requests to the same host, at most
/// `connectionsPerHost` at a time; further requests wait for one. Requests under way when the client is released are
/// answered with `.cancelled`.
package final class HTTPClient: Sendable {
    let loop: TransferLoop
    private let userAgent: String

    /// `connectionsPerHost`: 1 to 64.
    package init(connectionsPerHost: Int = 4, userAgent: String = "Portico") {
        self.userAgent = userAgent
        loop = TransferLoop(connectionsPerHost: connectionsPerHost)
        loop.start()
    }

    deinit { loop.stop() }

    /// Sends `request` and returns the whole answer, whatever its status. Cancelling the task ends the transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let userAgent = userAgent
        let result = await loop.perform { id, finish in
            HTTPTransfer(id: id, request: request, userAgent: userAgent, finish: finish)
        }
        return try result.get()
    }
}
