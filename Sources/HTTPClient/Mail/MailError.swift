internal import CCurl

/// Why a message was not taken. The texts are for an admin; none holds a password.
package enum MailError: Error, Sendable, Equatable {
    /// The server was not reached, or went away; the text says how far it came.
    case unreachable(String)
    /// The server offers no encryption where it is required, or its certificate is not trusted.
    case tls(String)
    /// The server refuses user name and password, or knows no way to take them.
    case login
    /// The server will never take this message for this recipient, in its words.
    case rejected(String)
    /// The server does not take the message now, in its words.
    case deferred(String)
    /// No end within the time. The server may have taken the message.
    case timeout
    case cancelled
}

extension MailError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let detail): "The mail server cannot be reached: \(detail)."
        case .tls(let detail): "There is no secure connection to the mail server: \(detail)."
        case .login: "The mail server refuses the user name and password in smtp.url."
        case .rejected(let reply): "The mail server rejected the message: \(reply)"
        case .deferred(let reply): "The mail server does not take the message now: \(reply)"
        case .timeout: "The mail server did not answer in time."
        case .cancelled: "Sending was broken off."
        }
    }
}

extension MailError {
    /// `command` is the last that was sent, `reply` the last line that came back, empty if there was none.
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

    /// A 5xx reply to the recipient or the text is about this message. A policy's (5.7.x, RFC 3463 section 3.8) and 530
    /// ask for other settings, which may come.
    private static func isFinal(command: String, reply: String) -> Bool {
        ["RCPT", "DATA"].contains(command) && reply.hasPrefix("5") && !reply.hasPrefix("530")
            && !reply.dropFirst(4).hasPrefix("5.7.")
    }
}
