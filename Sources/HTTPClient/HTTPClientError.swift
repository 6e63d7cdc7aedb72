internal import CCurl

/// Why there is no answer. The texts are for an admin; none holds a path, a query, a header or a password.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// No whole answer in time. The server may have done what it was asked.
    case timeout
    /// No connection: the server has not been asked.
    case connect(String)
    /// The connection broke before the whole answer had come. The server may have done what it was asked.
    case interrupted(String)
    /// No secure connection: a wrong certificate, no common version, a handshake that broke off.
    case tls(String)
    /// The answer is longer than allowed.
    case tooLarge
    /// Every address of the host is one that the request does not admit. The server has not been asked.
    case addressRefused
    case cancelled
    /// Anything else, in libcurl's words.
    case other(String)
}

extension HTTPClientError {
    /// libcurl's `detail` names host and port at most in the cases where it is used.
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
