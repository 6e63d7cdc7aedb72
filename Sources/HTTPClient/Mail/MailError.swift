internal import CCurl

/// Why a message was not sent. The texts are for an admin; they contain no password.
package enum MailError: Error, Sendable, Equatable {
    /// The server could not be reached, or the connection ended.
    case unreachable(String)
    /// The server does not offer the required encryption, or its certificate is not trusted.
    case tls(String)
    /// The server refuses user name and password, or does not support authentication.
    case login
    /// The server permanently rejected this message for this recipient; with its reply.
    case rejected(String)
    /// The server did not accept the message now; with its reply.
    case deferred(String)
    /// The transfer did not end in time. The server may have accepted the message.
    case timeout
    case cancelled
}

extension MailError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let detail): "The mail server cannot be reached: \(detail)."
        case .tls(let detail): "The TLS connection to the mail server failed: \(detail)."
        case .login: "The mail server refuses the user name and password in smtp.url."
        case .rejected(let reply): "The mail server rejected the message: \(reply)"
        case .deferred(let reply): "The mail server temporarily rejected the message: \(reply)"
        case .timeout: "The mail server did not respond in time."
        case .cancelled: "Sending was cancelled."
        }
    }
}

extension MailError {
    /// `command` is the last command sent, `reply` the last line received; empty if there was none.
    init(_ code: CURLcode, detail: String, command: String, reply: String) {
        let words = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = .timeout
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_GOT_NOTHING, CURLE_RECV_ERROR:
            self = .unreachable(words)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            self = .tls(words)
        case CURLE_LOGIN_DENIED: self = .login
        case _ where reply.isEmpty: self = .unreachable(words)
        case _ where Self.isFinal(command: command, reply: reply): self = .rejected(reply)
        default: self = .deferred(reply)
        }
    }

    /// A 5xx reply to RCPT or DATA is about this message and final. Policy replies (5.7.x, RFC 3463 section 3.8) and
    /// 530 are not final, because a change of settings can resolve them.
    private static func isFinal(command: String, reply: String) -> Bool {
        ["RCPT", "DATA"].contains(command) && reply.hasPrefix("5") && !reply.hasPrefix("530")
            && !reply.dropFirst(4).hasPrefix("5.7.")
    }
}
