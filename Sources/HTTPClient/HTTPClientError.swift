internal import CCurl

/// Why a request failed. The texts are for an admin; they contain no path, query, header or password.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// No complete response in time. The server may have executed the request.
    case timeout
    /// The connection failed; the request was not sent.
    case connect(String)
    /// The connection ended before the response was complete. The server may have executed the request.
    case interrupted(String)
    /// TLS failed: an untrusted certificate, no common version, or an aborted handshake.
    case tls(String)
    /// The response exceeds `maxResponseBytes`.
    case tooLarge
    /// `admits` refused every address of the host; the request was not sent.
    case addressRefused
    case cancelled
    /// Any other error, with libcurl's text.
    case other(String)
}

extension HTTPClientError {
    /// In the cases that use it, libcurl's `detail` contains at most host and port.
    init(_ code: CURLcode, detail: String) {
        let words = String(cString: curl_easy_strerror(code))
        let detail = detail.isEmpty ? words : detail
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: self = .connect(detail)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: self = .interrupted(words)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            self = .tls(detail)
        default: self = .other(words)
        }
    }
}
