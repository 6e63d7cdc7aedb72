// HTTPClient sends HTTP requests and mail with libcurl, and opens connections for other protocols. One thread drives
// all transfers of a client; connections are reused. It implements timeouts, limits, certificate checks and error
// texts. It must not depend on routers or identity providers.
//
// Reading order: HTTPRequest, HTTPResponse, ServerCertificate, HTTPClientError, HTTPClient, TransferLoop, Transfer,
// HTTPTransfer, HTTPTransfer+Setup; Mail/MailServer, MailClient, MailTransfer; Connections/Connection, RawConnection,
// RawConnectionTable.

/// Sends HTTP requests. Reuses connections, at most `connectionsPerHost` to each host; further requests wait for a free
/// one. Callable from any task. Releasing the client fails its running requests with `.cancelled`.
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

    /// Sends `request` and returns the complete response, whatever its status. Cancelling the task cancels the
    /// transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let userAgent = userAgent
        let result = await loop.perform { id, finish in
            HTTPTransfer(id: id, request: request, userAgent: userAgent, finish: finish)
        }
        return try result.get()
    }
}
