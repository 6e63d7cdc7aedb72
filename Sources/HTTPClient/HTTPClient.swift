// HTTPClient sends HTTP requests through libcurl: one thread drives all transfers, connections are kept and shared. It
// owns timeouts, limits, trust and the wording of failures, and knows nothing of routers or identity providers.
//
// Reading order: HTTPRequest, HTTPResponse, ServerCertificate, HTTPClientError, HTTPClient, TransferLoop, Transfer, TransferSetup.

/// Sends requests from any task. Connections are kept alive for later requests to the same host, at most
/// `connectionsPerHost` at a time; further requests wait for one. Requests under way when the client is released are
/// answered with `.cancelled`.
package final class HTTPClient: Sendable {
    private let loop: TransferLoop

    /// `connectionsPerHost`: 1 to 64.
    package init(connectionsPerHost: Int = 4, userAgent: String = "Portico") {
        loop = TransferLoop(connectionsPerHost: connectionsPerHost, userAgent: userAgent)
        loop.start()
    }

    deinit { loop.stop() }

    /// Sends `request` and returns the whole answer, whatever its status. Cancelling the task ends the transfer.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let id = loop.nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(Transfer(id: id, request: request) { continuation.resume(returning: $0) })
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }
}
